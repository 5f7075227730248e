"""The law of snapshots: one taken at s and the events s..t are the one taken at t, for every kind and every reader."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId
from kernel.permissions import VISITOR, Actor, Role
from moderation.appeal_commands import Appeal, Reinstate
from moderation.commands import LiftSanction, Merge, Reopen, Ruling, Sanction
from moderation.report_commands import JudgeReports, Report
from persistence.items import _SHOWN_META
from persistence.store import Store
from rooms.commands import (
    ChangeState,
    EndEmergency,
    Invite,
    Pin,
    Redact,
    Restore,
    RevisePost,
    SetRoom,
    Stage,
    TakeSeat,
    WithdrawPost,
)
from rooms.handlers import Rooms
from rooms.model import Lane, PostKind, PostState
from rooms.reports import CaseState
from tests.contracts.store.ground import Client
from tests.factories import (
    HOST,
    INSPECTOR,
    LEASE_MS,
    METRO,
    MODERATOR,
    MODERATOR_2,
    PRICE,
    decided,
    guest,
    live_room,
    posted,
    pulled,
    staff,
)

pytestmark = pytest.mark.anyio

READERS = (VISITOR, guest(), HOST, MODERATOR, PRICE, INSPECTOR, staff("admin", Role.ADMIN))


class House:
    """One room, and a client who came in at every position of every lane so far."""

    def __init__(self, store: Store, clock: FrozenClock, ids: CountingIds, room: RoomId) -> None:
        self.store, self.clock, self.ids, self.room = store, clock, ids, room
        self.clients: list[Client] = []

    async def come_in(self) -> None:
        self.clients += [await Client.joined(self.store, self.room, lane) for lane in Lane]

    async def ask(self, *, by: Actor | None = None, **fields: Any) -> PostId:
        """Every step ends with new clients, so that the law is tried between any two events of a story."""
        sent = await posted(self.store, self.room, self.clock, self.ids, by=by, **fields)
        await self.come_in()
        return sent.post

    async def commit(self, command: Any) -> None:
        await self.store.commit(command)
        await self.come_in()

    async def take(self, post: PostId, ruling: Ruling, ver: int = 1) -> None:
        await pulled(self.store, self.clock, n=5)
        await decided(self.store, self.clock, post, ver=ver, ruling=ruling)
        await self.come_in()

    async def shown(self, **fields: Any) -> PostId:
        post = await self.ask(**fields)
        await self.take(post, Ruling.PUBLISH)
        return post

    async def revise(self, post: PostId, author: Actor, ver: int, judged: PostState) -> None:
        now = self.clock.now_ms()
        await self.commit(RevisePost(post, ver, f"text {ver + 1}", author, judged, (), b"s" * 16, now))

    @property
    def now(self) -> int:
        return self.clock.now_ms()


async def _message(house: House) -> None:
    question = await house.shown()
    await house.ask(by=PRICE, kind=PostKind.REPLY, reply_to=question)
    await house.ask(by=HOST, kind=PostKind.NOTICE)
    await house.ask(by=PRICE, kind=PostKind.NOTE)


async def _edit(house: House) -> None:
    reply = await house.ask(by=PRICE, kind=PostKind.REPLY, reply_to=await house.shown())
    await house.revise(reply, PRICE, 1, PostState.PUBLISHED)
    note = await house.ask(by=PRICE, kind=PostKind.NOTE)
    await house.revise(note, PRICE, 1, PostState.PUBLISHED)


async def _redact(house: House) -> None:
    post = await house.shown()
    await house.commit(Redact(post, "privacy", HOST, house.now))
    mine = await house.shown()
    await house.commit(WithdrawPost(mine, guest(), house.now))
    note = await house.ask(by=PRICE, kind=PostKind.NOTE)
    await house.commit(Redact(note, "privacy", HOST, house.now))


async def _restore(house: House) -> None:
    for post in (await house.shown(), await house.ask(by=PRICE, kind=PostKind.NOTE)):
        await house.commit(Redact(post, "privacy", HOST, house.now))
        await house.commit(Restore(post, "mistake", HOST, house.now))


async def _askers(house: House) -> None:
    into = await house.shown(by=guest("1"))
    away, shown = await house.ask(by=guest("2")), await house.shown(by=guest("3"))
    await pulled(house.store, house.clock, n=5)
    await house.commit(Merge(into, 1, ((away, 1), (shown, 1)), MODERATOR, house.now))
    await house.commit(Redact(into, "privacy", HOST, house.now))
    await house.commit(Reopen(away, 1, MODERATOR, LEASE_MS, 60_000, b"s" * 16, house.now))
    await house.commit(Restore(into, "mistake", HOST, house.now))


async def _state(house: House) -> None:
    for verb in ("pause", "resume", "close"):
        await house.commit(ChangeState(house.room, verb, HOST, house.now))


async def _pin(house: House) -> None:
    posts = [await house.shown() for _ in range(2)]
    for post, on in ((posts[0], True), (posts[1], True), (posts[0], False), (posts[0], True)):
        await house.commit(Pin(post, on, HOST, house.now))
    await house.commit(Redact(posts[1], "privacy", HOST, house.now))


async def _stage(house: House) -> None:
    for post in [await house.shown() for _ in range(2)]:
        await house.commit(Stage(post, True, HOST, house.now))
    await house.commit(Stage(post, False, HOST, house.now))


async def _set(house: House) -> None:
    await house.commit(SetRoom(house.room, {"slow_ms": 10}, None, HOST, house.now))
    await house.commit(SetRoom(house.room, {}, True, HOST, house.now))
    await house.commit(SetRoom(house.room, {}, None, HOST, house.now, hold=True, verified=True, until=house.now + 9))
    house.clock.advance(9)
    await house.commit(EndEmergency(house.room, house.now))
    await _seat(house)


async def _seat(house: House) -> None:
    assert METRO.department is not None
    await house.commit(Invite(house.room, METRO.department, "SITDOWN1", "hash", house.now + 9_000, HOST, house.now))
    await house.commit(TakeSeat("SITDOWN1", "-", METRO, house.now))


async def _queue(house: House) -> None:
    """Into the queue and out of it by every way that is no verdict."""
    pending = [await house.ask() for _ in range(4)]
    await house.commit(WithdrawPost(pending[0], guest(), house.now))
    await house.revise(pending[1], guest(), 1, PostState.PENDING)
    await house.commit(SetRoom(house.room, {"premoderate": False}, None, HOST, house.now))
    await house.revise(pending[2], guest(), 1, PostState.PUBLISHED)
    await house.revise(pending[3], guest(), 1, PostState.REJECTED)


async def _verdict(house: House) -> None:
    await house.ask()
    for ruling in (Ruling.REJECT, Ruling.PUBLISH):
        await house.take(await house.ask(), ruling)
    post = await house.shown()
    await house.revise(post, guest(), 1, PostState.PENDING)
    await house.take(post, Ruling.REJECT, ver=2)


async def _reopened(house: House) -> None:
    post = await house.ask()
    await house.take(post, Ruling.REJECT)
    await house.commit(Reopen(post, 1, MODERATOR, LEASE_MS, 60_000, b"s" * 16, house.now))
    await house.take(post, Ruling.PUBLISH, ver=2)
    [told] = [item for item in (await house.store.events(house.room, Lane.MOD, 0, 50)).items if item["k"] == "reopened"]
    assert (told["ver"], told["state"], told["author"], told["by"]["id"]) == (2, "pending", guest().id, MODERATOR.id)


async def _sanction(house: House) -> None:
    user = guest().id
    assert user is not None
    for room in (house.room, None):
        await house.commit(Sanction(house.ids(), user, room, house.now + 9_000, "spam", 3, MODERATOR, house.now))
        await house.commit(LiftSanction(user, room, MODERATOR, house.now))


async def _appealed(house: House) -> None:
    """Asked and reversed; mended unasked; of a post taken back by a moderator."""
    for asked in (True, False):
        post = await house.ask()
        await house.take(post, Ruling.REJECT)
        if asked:
            await house.commit(Appeal("appeal", post, None, house.room, guest(), "请再看", house.now))
        await house.commit(Reinstate(post, 1, None, b"r" * 16, MODERATOR_2, house.now))


async def _reported(house: House) -> None:
    post = await house.shown()
    for number in range(5):
        await house.commit(Report(post, "1", None, guest(f"9{number}"), house.now))
    await house.commit(JudgeReports(post, CaseState.REDACTED, "1", None, MODERATOR, house.now))


async def _asked(house: House) -> None:
    """A moderator asks the desk about a post that waits, and is answered."""
    post = await house.ask()
    note = await house.ask(by=MODERATOR, kind=PostKind.NOTE, reply_to=post)
    await house.ask(by=PRICE, kind=PostKind.NOTE, reply_to=note)


async def _proposed(house: House) -> None:
    """Two agree to hide an answer."""
    await house.commit(SetRoom(house.room, {"two_person": True}, None, HOST, house.now))
    reply = await house.ask(by=PRICE, kind=PostKind.REPLY, reply_to=await house.shown())
    await house.commit(Redact(reply, "2", MODERATOR, house.now, lasts_ms=60_000))
    await house.commit(Redact(reply, "2", MODERATOR_2, house.now, proposal=1))


STORIES: Mapping[str, tuple[frozenset[Lane], Callable[[House], Awaitable[None]]]] = MappingProxyType(
    {
        "msg": (frozenset({Lane.PUB, Lane.DESK}), _message),
        "edit": (frozenset({Lane.PUB, Lane.DESK}), _edit),
        "redact": (frozenset({Lane.PUB, Lane.DESK}), _redact),
        "restore": (frozenset({Lane.PUB, Lane.DESK}), _restore),
        "askers": (frozenset({Lane.PUB}), _askers),
        "state": (frozenset({Lane.PUB}), _state),
        "pin": (frozenset({Lane.PUB}), _pin),
        "stage": (frozenset({Lane.PUB}), _stage),
        "set": (frozenset({Lane.PUB}), _set),
        "seat": (frozenset({Lane.DESK}), _seat),
        "queue": (frozenset({Lane.MOD}), _queue),
        "verdict": (frozenset({Lane.MOD}), _verdict),
        "reopened": (frozenset({Lane.MOD}), _reopened),
        "hidden": (frozenset({Lane.MOD}), _redact),
        "shown": (frozenset({Lane.MOD}), _restore),
        "sanction": (frozenset({Lane.MOD}), _sanction),
        "appeal": (frozenset({Lane.MOD}), _appealed),
        "reinstated": (frozenset({Lane.MOD}), _appealed),
        "reported": (frozenset({Lane.MOD}), _reported),
        "asked": (frozenset({Lane.MOD}), _asked),
        "answered": (frozenset({Lane.MOD}), _asked),
        "proposal": (frozenset({Lane.DESK, Lane.MOD}), _proposed),
    }
)


@pytest.mark.parametrize("kind", STORIES)
async def test_a_snapshot_and_the_events_since_are_a_newer_snapshot(
    store: Store, clock: FrozenClock, ids: CountingIds, kind: str
) -> None:
    lanes, story = STORIES[kind]
    room = await live_room(store, clock, ids)
    house = House(store, clock, ids, room.id)
    await house.come_in()

    await story(house)

    happened = {lane: (await store.events(room.id, lane, 0, 500)).items for lane in Lane}
    assert {lane for lane, items in happened.items() if any(item["k"] == kind for item in items)} == lanes
    newest = {lane: (await Client.joined(store, room.id, lane)).view() for lane in Lane}
    for client in house.clients:
        await client.catch_up(store, room.id)
        assert client.view() == newest[client.lane], client.lane


async def test_every_reader_stands_under_the_law(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    """What a role may follow is a whole lane, and each lane is covered above: nobody sees part of one."""
    room = await live_room(store, clock, ids)
    covered = frozenset[Lane]().union(*(lanes for lanes, _ in STORIES.values()))
    followed = {actor.role: Rooms(store, clock, ids).lanes(actor, room) for actor in READERS}

    assert covered == set(Lane)
    assert all(lanes[Lane.PUB] for lanes in followed.values())
    assert {role for role, lanes in followed.items() if lanes[Lane.MOD]} == {Role.MODERATOR}
    assert not any(followed[role][Lane.DESK] for role in (Role.NETIZEN, Role.MODERATOR))


def test_every_kind_of_event_is_covered_and_shown() -> None:
    """A kind that is added to a decision must be added to `items.py`, and to the stories above."""
    written = kinds_written()

    assert len(written) > 10
    assert written == set(STORIES)
    assert written == set(_SHOWN_META)


def kinds_written() -> set[str]:
    """Every kind that some decision gives to a draft, read from the sources."""
    found: set[str] = set()
    root = Path(__file__).resolve().parents[3]
    for source in [*(root / "rooms").rglob("*.py"), *(root / "moderation").rglob("*.py")]:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        imported = any(isinstance(node, ast.ImportFrom) and node.module == "rooms.working_set" for node in tree.body)
        if not imported and source.name != "working_set.py":
            continue  # another Draft
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Draft" and len(node.args) >= 4:
                found |= {
                    str(part.value)
                    for part in ast.walk(node.args[2])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_flag":
                found |= {str(part.value) for part in node.args if isinstance(part, ast.Constant) and part.value}
    return {kind for kind in found if kind not in ("True", "False")}
