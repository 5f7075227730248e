"""Small worlds to test in: departments and people as the demo has them, rooms and posts on their way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts.model import Account, Department
from accounts.ports import AccountStore
from kernel.clock import Clock
from kernel.ids import DepartmentId, IdSource, PostId, RoomId, UserId
from kernel.permissions import Actor, Role
from moderation.commands import Decide, Pull, Pulled, Ruling
from moderation.ports import Commits
from persistence.store import Store
from rooms.commands import ChangeState, CreateRoom, PostReceipt, SubmitPost
from rooms.model import Author, Policy, PostKind, PostState, Room, StaffReview

DEPARTMENTS = (
    Department(DepartmentId("price"), "市物价局", "Price Bureau", "价", 1),
    Department(DepartmentId("transport"), "市交通运输委", "Transport Commission", "交", 2),
    Department(DepartmentId("metro"), "市地铁公司", "Metro Company", "铁", 3),
)
LEASE_MS = 30_000


def staff(name: str, role: Role, department: str | None = None) -> Actor:
    """A member of staff whose id is made from the name, so that tests can tell them apart at sight."""
    return Actor(UserId(f"{name:0>26}"), name, role, DepartmentId(department) if department else None)


HOST = staff("host", Role.HOST)
MODERATOR = staff("moderator1", Role.MODERATOR)
MODERATOR_2 = staff("moderator2", Role.MODERATOR)
PRICE = staff("price1", Role.RESPONDENT, "price")
TRANSPORT = staff("transport1", Role.RESPONDENT, "transport")
METRO = staff("metro1", Role.RESPONDENT, "metro")
ADMIN = staff("admin", Role.ADMIN)
INSPECTOR = staff("inspector1", Role.INSPECTOR)
STAFF = (HOST, MODERATOR, MODERATOR_2, PRICE, TRANSPORT, METRO, ADMIN, INSPECTOR)


def guest(name: str = "1") -> Actor:
    return Actor(UserId(f"g:{name:0>26}"), f"网友{name}", Role.NETIZEN, guest=True)


def account(actor: Actor, password_hash: str = "unusable") -> Account:
    if actor.id is None:
        raise ValueError("a visitor has no account")
    return Account(actor.id, actor.name, actor.name, actor.role, actor.department, password_hash)


async def people(store: AccountStore) -> None:
    """The three departments and everybody in `STAFF`."""
    for department in DEPARTMENTS:
        await store.add_department(department)
    for actor in STAFF:
        await store.add_account(account(actor))


def policy(**fields: Any) -> Policy:
    if "staff" in fields:
        fields["staff"] = StaffReview(fields["staff"])
    return replace(Policy(), **fields)


async def scheduled_room(store: Store, clock: Clock, ids: IdSource, *, on_air: bool = False, **fields: Any) -> Room:
    """A room of the three departments, the price bureau leading; the world of `people` is made if it is not there."""
    if not await store.departments():
        await people(store)
    number = RoomId(ids())
    command = CreateRoom(
        id=number,
        code=number[-6:].upper(),
        title="地铁票价大家谈",
        summary="",
        departments=tuple(department.id for department in DEPARTMENTS),
        lead=DepartmentId("price"),
        starts_at=None,
        open=on_air,
        policy=policy(**fields),
        by=_id(HOST),
        at=clock.now_ms(),
    )
    await store.commit(command)
    room = await store.room(number)
    if room is None:
        raise AssertionError("the room just made is not there")
    return room


async def live_room(store: Store, clock: Clock, ids: IdSource, **fields: Any) -> Room:
    """The same, on air; `fields` are those of its policy."""
    return await scheduled_room(store, clock, ids, on_air=True, **fields)


async def steer(store: Commits, clock: Clock, room: RoomId, verb: str) -> None:
    await store.commit(ChangeState(room, verb, HOST, clock.now_ms()))


def post_command(
    room: RoomId,
    clock: Clock,
    ids: IdSource,
    *,
    by: Actor | None = None,
    kind: PostKind = PostKind.QUESTION,
    body: str = "起步价为什么定三元？",
    cid: str | None = None,
    reply_to: PostId | None = None,
    judged: PostState = PostState.PUBLISHED,
) -> SubmitPost:
    author = by or guest()
    number = PostId(ids())
    return SubmitPost(
        id=number,
        room=room,
        author=Author.of(author),
        guest=author.guest,
        cid=cid or f"c-{number}",
        kind=kind,
        body=body,
        reply_to=reply_to,
        judged=judged,
        reasons=(),
        salt=number.encode()[-16:],
        at=clock.now_ms(),
        sources=author.sources,
    )


async def posted(store: Commits, room: RoomId, clock: Clock, ids: IdSource, **fields: Any) -> PostReceipt:
    """A post sent: waiting under `premoderate`, else published. `fields` as in `post_command`."""
    outcome = await store.commit(post_command(room, clock, ids, **fields))
    if not isinstance(outcome, PostReceipt):
        raise AssertionError(outcome)
    return outcome


async def pulled(
    store: Commits, clock: Clock, *, by: Actor = MODERATOR, n: int = 1, room: RoomId | None = None
) -> Pulled:
    outcome = await store.commit(Pull(room, n, by, LEASE_MS, clock.now_ms()))
    if not isinstance(outcome, Pulled):
        raise AssertionError(outcome)
    return outcome


async def decided(
    store: Commits,
    clock: Clock,
    post: PostId,
    *,
    ver: int = 1,
    ruling: Ruling = Ruling.PUBLISH,
    by: Actor = MODERATOR,
    reason: str | None = None,
) -> PostReceipt:
    outcome = await store.commit(Decide(post, ver, ruling, reason, None, by, clock.now_ms()))
    if not isinstance(outcome, PostReceipt):
        raise AssertionError(outcome)
    return outcome


async def published(store: Commits, room: RoomId, clock: Clock, ids: IdSource, **fields: Any) -> PostReceipt:
    """A post that everyone sees, by way of a moderator where the room asks for one."""
    receipt = await posted(store, room, clock, ids, **fields)
    if receipt.state is PostState.PUBLISHED:
        return receipt
    await pulled(store, clock, n=100, room=room)
    return await decided(store, clock, receipt.post)


def _id(actor: Actor) -> UserId:
    if actor.id is None:
        raise ValueError("a visitor signs nothing")
    return actor.id
