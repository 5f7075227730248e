"""The commands of a room: who may, what it may say, and what is committed for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, DepartmentId, PostId, RoomId, UserId
from kernel.permissions import VISITOR, Action, Actor, Role, permits
from kernel.refusals import Refusal
from rooms.commands import (
    ChangeState,
    CreateRoom,
    Done,
    Invite,
    Invited,
    Pin,
    Redact,
    Restore,
    RoomChanged,
    SetRoom,
    Stage,
    TakeSeat,
    Vote,
    Voted,
)
from rooms.handlers import Rooms
from rooms.model import Lane, Policy, Room, RoomDepartment, RoomState, StaffReview

pytestmark = pytest.mark.anyio

ROOM = RoomId("room")
POST = PostId("post")
PRICE = DepartmentId("price")
HOST = Actor(UserId("host"), "方以宁", Role.HOST)
PRICE1 = Actor(UserId("price1"), "陈立言", Role.RESPONDENT, PRICE)
METRO1 = Actor(UserId("metro1"), "吴汀", Role.RESPONDENT, DepartmentId("metro"))
MODERATOR = Actor(UserId("moderator1"), "沈括言", Role.MODERATOR)
GUEST = Actor(UserId("g:lin"), "林小满", Role.NETIZEN, guest=True)
INSPECTOR = Actor(UserId("inspector1"), "何望", Role.INSPECTOR)


def a_room() -> Room:
    return Room(
        id=ROOM,
        code="ABC234",
        title="首条地铁线票价怎么定",
        summary="",
        state=RoomState.LIVE,
        policy=Policy(),
        departments=(RoomDepartment(PRICE, "市物价局", "Price Bureau", "价", 1, lead=True),),
        created_by=UserId("host"),
        created_at=0,
    )


@dataclass
class CommandsKept:
    """Answers as the store would, and remembers what it was asked to commit; `clashes` codes are taken first."""

    commands: list[Any] = field(default_factory=list)
    clashes: int = 0

    async def room(self, room: RoomId) -> Room | None:
        return a_room() if room == ROOM or isinstance(self.last, CreateRoom) else None

    async def post_room(self, post: PostId) -> RoomId | None:
        return ROOM if post == POST else None

    @property
    def last(self) -> Any:
        return self.commands[-1] if self.commands else None

    async def commit(self, command: Any) -> object:
        self.commands.append(command)
        if self.clashes:
            self.clashes -= 1
            raise Refusal("conflict")
        if isinstance(command, CreateRoom | ChangeState | SetRoom | TakeSeat):
            return RoomChanged(ROOM, 7, RoomState.LIVE)
        if isinstance(command, Invite):
            return Invited(command.code)
        return Voted(ROOM, 3, 1) if isinstance(command, Vote) else Done(9)


@pytest.fixture
def store() -> CommandsKept:
    return CommandsKept()


@pytest.fixture
def rooms(store: CommandsKept) -> Rooms:
    return Rooms(store, FrozenClock(), CountingIds())  # type: ignore[arg-type]  # the part of the port that is used


async def code_of(awaited: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await awaited
    return refused.value.code.name


async def test_a_room_is_made_as_asked(rooms: Rooms, store: CommandsKept) -> None:
    await rooms.create(
        HOST, title=" 票价 ", departments=["price"], lead="price", open=True, policy={"staff": "review", "unknown": 1}
    )

    made = store.last
    assert (made.title, made.lead, made.open, made.by) == ("票价", "price", True, "host")
    assert made.policy == Policy(staff=StaffReview.REVIEW)
    assert len(made.code) == 6


async def test_a_code_that_is_taken_is_drawn_again_and_the_room_stays_the_same(
    rooms: Rooms, store: CommandsKept
) -> None:
    store.clashes = 2

    await rooms.create(HOST, title="票价", departments=["price"])

    assert len({command.id for command in store.commands}) == 1
    assert len({command.code for command in store.commands}) == 3


async def test_drawing_codes_ends_at_some_time(rooms: Rooms, store: CommandsKept) -> None:
    store.clashes = 99

    assert await code_of(rooms.create(HOST, title="票价", departments=["price"])) == "internal"
    assert len(store.commands) < 10


@pytest.mark.parametrize("actor", [VISITOR, GUEST, PRICE1, MODERATOR, INSPECTOR])
async def test_who_is_no_host_makes_and_steers_nothing(rooms: Rooms, store: CommandsKept, actor: Actor) -> None:
    expected = "unauthenticated" if actor is VISITOR else "forbidden"

    assert await code_of(rooms.create(actor, title="票价", departments=["price"])) == expected
    assert await code_of(rooms.change(actor, ROOM, "close")) == expected
    assert await code_of(rooms.set(actor, ROOM, {"premoderate": False}, None)) == expected
    assert await code_of(rooms.invite(actor, ROOM, PRICE)) == expected
    # And is told so before learning which rooms there are.
    assert await code_of(rooms.change(actor, RoomId("none"), "close")) == expected
    assert store.commands == []


async def test_a_host_learns_that_there_is_no_such_room(rooms: Rooms) -> None:
    assert await code_of(rooms.change(HOST, RoomId("none"), "open")) == "no_room"
    assert await code_of(rooms.change(HOST, ROOM, "burn")) == "bad_request"
    assert await code_of(rooms.get(RoomId("none"))) == "no_room"


async def test_policy_and_freeze_have_each_their_own_permission(rooms: Rooms, store: CommandsKept) -> None:
    assert await rooms.set(MODERATOR, ROOM, {}, True) == 7
    assert (store.last.policy, store.last.freeze) == ({}, True)
    assert await code_of(rooms.set(MODERATOR, ROOM, {"guests": False, "trust": "known"}, True)) == "forbidden"
    assert await rooms.set(MODERATOR, ROOM, {"guests": False}, None) == 7
    assert await code_of(rooms.set(HOST, ROOM, {}, None)) == "bad_request"
    assert await code_of(rooms.set(HOST, ROOM, "policy", None)) == "bad_request"  # type: ignore[arg-type]


async def test_an_invitation_keeps_only_the_hash_of_its_secret(rooms: Rooms, store: CommandsKept) -> None:
    code, secret = await rooms.invite(HOST, ROOM, PRICE)

    invited = store.last
    assert (invited.code, len(code)) == (code, 8)
    assert secret not in repr(invited)
    await rooms.accept(PRICE1, secret)
    assert store.last.secret_hash == invited.secret_hash


async def test_a_code_is_read_however_it_was_typed(rooms: Rooms, store: CommandsKept) -> None:
    await rooms.accept(PRICE1, " abcd-efgh ")

    assert store.last.code == "ABCDEFGH"
    assert await code_of(rooms.accept(HOST, "ABCDEFGH")) == "forbidden"


def test_lanes_are_for_whom_they_are(rooms: Rooms) -> None:
    def lanes(actor: Actor) -> set[Lane]:
        return {lane for lane, allowed in rooms.lanes(actor, a_room()).items() if allowed}

    assert lanes(VISITOR) == lanes(GUEST) == lanes(METRO1) == {Lane.PUB}
    assert lanes(PRICE1) == lanes(HOST) == lanes(INSPECTOR) == {Lane.PUB, Lane.DESK}
    assert lanes(MODERATOR) == {Lane.PUB, Lane.MOD}
    with pytest.raises(Refusal):
        rooms.require_lane(METRO1, a_room(), Lane.DESK)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("department", [None, DepartmentId("price"), DepartmentId("elsewhere")])
@pytest.mark.parametrize("user", [None, UserId("u1")])
def test_perms_are_what_the_table_grants_action_by_action(
    rooms: Rooms, role: Role, department: DepartmentId | None, user: UserId | None
) -> None:
    actor, room = Actor(user, "", role, department), a_room()
    granted = set(rooms.perms(actor, room))
    for action in Action:
        if action.value in granted:
            assert permits(actor, action, parties=room.parties, author=user)
        elif action.value.startswith(("lane.", "post.", "review", "room.steer", "room.set", "draft.")):
            assert not permits(actor, action, parties=room.parties, author=user)


def test_perms_name_what_is_granted_in_this_room(rooms: Rooms) -> None:
    assert {"post.reply", "lane.desk", "post.revise"} <= set(rooms.perms(PRICE1, a_room()))
    assert not {"post.reply", "lane.desk"} & set(rooms.perms(METRO1, a_room()))
    assert {"review", "sanction.set", "room.freeze", "lane.mod"} <= set(rooms.perms(MODERATOR, a_room()))
    assert set(rooms.perms(VISITOR, a_room())) == {"lane.pub"}
    assert {"post.question", "post.comment", "post.vote"} <= set(rooms.perms(GUEST, a_room()))


async def test_posts_are_hidden_shown_pinned_and_staged(rooms: Rooms, store: CommandsKept) -> None:
    assert await rooms.redact(MODERATOR, POST, "personal") == Done(9)
    assert await rooms.restore(HOST, POST, "mistake") == 9
    assert await rooms.pin(HOST, POST, True) == 9
    assert await rooms.stage(MODERATOR, POST, False) == 9
    assert [type(command) for command in store.commands] == [Redact, Restore, Pin, Stage]
    assert await code_of(rooms.redact(MODERATOR, PostId("none"), "personal")) == "no_post"


@pytest.mark.parametrize("reason", ["", "A sentence, not a code", "x" * 33, "a\nb", None, 5])
async def test_a_reason_is_a_code(rooms: Rooms, reason: Any) -> None:
    assert await code_of(rooms.redact(MODERATOR, POST, reason)) == "bad_request"


async def test_votes_are_up_down_or_neither(rooms: Rooms, store: CommandsKept) -> None:
    assert await rooms.vote(GUEST, POST, -1) == Voted(ROOM, 3, 1)
    assert store.last.value == -1
    for wrong in (2, True, 1.0, "1", None):
        assert await code_of(rooms.vote(GUEST, POST, wrong)) == "bad_request"  # type: ignore[arg-type]
    assert await code_of(rooms.vote(VISITOR, POST, 1)) == "unauthenticated"


@pytest.mark.parametrize("on", [1, "true", None])
async def test_a_switch_is_on_or_off(rooms: Rooms, on: Any) -> None:
    assert await code_of(rooms.pin(HOST, POST, on)) == "bad_request"
