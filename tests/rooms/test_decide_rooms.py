"""The life of a room, its policy, its departments and seats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.ids import DepartmentId, RoomId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from rooms.commands import ChangeState, CreateRoom, Invite, RoomChanged, SetRoom, TakeSeat
from rooms.model import Lane, Policy, RoomState, StaffReview
from rooms.working_set import signed
from tests.factories import HOST, METRO, MODERATOR, PRICE, TRANSPORT
from tests.rooms.deciding import World

STEPS = {
    ("open", RoomState.SCHEDULED): RoomState.LIVE,
    ("pause", RoomState.LIVE): RoomState.PAUSED,
    ("resume", RoomState.PAUSED): RoomState.LIVE,
    ("close", RoomState.LIVE): RoomState.CLOSED,
    ("close", RoomState.PAUSED): RoomState.CLOSED,
}


@pytest.mark.parametrize("state", RoomState)
@pytest.mark.parametrize("verb", ["open", "pause", "resume", "close"])
def test_a_room_goes_its_steps_and_no_others(verb: str, state: RoomState) -> None:
    world = World(state=state)
    reached = STEPS.get((verb, state))
    if reached is None:
        with pytest.raises(Refusal, match="bad_state"):
            world.do(ChangeState(world.room, verb, HOST, world.now))
    else:
        assert world.do(ChangeState(world.room, verb, HOST, world.now)).state is reached
        assert world.lane(Lane.PUB)[-1].meta == {"state": reached.value}


def test_opened_once_and_closed_are_remembered() -> None:
    world = World()
    opened = world.now
    world.later(1_000)
    for verb in ("pause", "resume", "close"):
        world.do(ChangeState(world.room, verb, HOST, world.now))
    room = world.ws.rooms[world.room].room
    assert (room.opened_at, room.closed_at) == (opened, world.now)


def test_a_room_needs_departments_that_exist_and_a_lead_among_them() -> None:
    world = World()
    for departments, lead in (("parks",), None), (("price",), "metro"):
        with pytest.raises(Refusal, match="no_department"):
            world.do(_create(world, departments, lead))


def test_a_room_live_at_once_says_so_first() -> None:
    world = World()
    command = _create(world, ("price",), None)
    assert world.do(replace(command, open=True)).state is RoomState.LIVE
    assert [draft.kind for draft in world.lane(Lane.PUB) if draft.room == command.id] == ["state"]


def test_setting_what_is_so_makes_no_event() -> None:
    world = World()
    before = len(world.ws.drafts)
    outcome = world.do(SetRoom(world.room, {"premoderate": True}, False, HOST, world.now))
    assert isinstance(outcome, RoomChanged)
    assert len(world.ws.drafts) == before


def test_setting_changes_only_what_is_given() -> None:
    world = World()
    world.do(SetRoom(world.room, {"staff": "review", "slow_ms": 5_000}, None, HOST, world.now))
    room = world.ws.rooms[world.room].room
    assert room.policy == Policy(staff=StaffReview.REVIEW, slow_ms=5_000)
    assert set(world.lane(Lane.PUB)[-1].meta) == {"policy"}


@pytest.mark.parametrize(
    "policy", [{"colour": 1}, {"premoderate": 1}, {"slow_ms": True}, {"slow_ms": -1}, {"staff": "x"}]
)
def test_a_policy_of_the_wrong_shape_is_refused(policy: dict[str, object]) -> None:
    world = World()
    with pytest.raises(Refusal, match="bad_frame"):
        world.do(SetRoom(world.room, policy, None, HOST, world.now))


def test_a_moderator_makes_a_room_stricter_and_never_looser() -> None:
    world = World()
    world.do(SetRoom(world.room, {"slow_ms": 30_000, "staff": "review"}, None, MODERATOR, world.now, why="刷屏"))
    assert world.ws.rooms[world.room].room.policy == Policy(staff=StaffReview.REVIEW, slow_ms=30_000)
    assert world.ws.audits[-1].detail["why"] == "刷屏"
    assert "why" not in world.lane(Lane.PUB)[-1].meta, "for staff alone"
    for looser in ({"slow_ms": 29_000}, {"premoderate": False}, {"guests": False, "trust": "known"}):
        with pytest.raises(Refusal, match="forbidden"):
            world.do(SetRoom(world.room, looser, None, MODERATOR, world.now))
    assert world.ws.rooms[world.room].room.policy.guests, "all of it or nothing"
    world.do(SetRoom(world.room, {"premoderate": False}, None, HOST, world.now))


def test_an_invited_department_joins_the_room_and_its_members_sit_down_once() -> None:
    world = World()
    world.do(_invite(world, "transport"))
    assert "transport" in world.ws.rooms[world.room].room.parties
    assert [place["id"] for place in world.lane(Lane.PUB)[-1].meta["departments"]] == ["price", "metro", "transport"]
    for _ in range(2):
        world.do(_sit(world, TRANSPORT))
    assert world.told(Lane.DESK) == [("seat", None)]
    assert [place["seated"] for place in world.lane(Lane.PUB)[-1].meta["departments"]] == [0, 0, 1]
    assert world.ws.rooms[world.room].room.departments[2].seated == 1


def test_a_seat_is_taken_by_code_or_by_the_links_secret() -> None:
    world = World()
    world.do(_invite(world, "price"))
    world.do(TakeSeat("", "hash-price", PRICE, world.now))
    assert (world.room, signed(PRICE)) in world.ws.seats


def test_an_invitation_is_for_its_department_for_its_time_and_must_exist() -> None:
    world = World()
    world.do(_invite(world, "price"))
    for who, code, wanted in ((METRO, "CODE-price", "forbidden"), (PRICE, "CODE-other", "no_invitation")):
        with pytest.raises(Refusal, match=wanted):
            world.do(TakeSeat(code, "nothing", who, world.now))
    world.later(60_000)
    with pytest.raises(Refusal, match="expired"):
        world.do(_sit(world, PRICE))


def test_nobody_is_invited_to_what_is_over_or_from_nowhere() -> None:
    over, live = World(state=RoomState.CLOSED), World()
    with pytest.raises(Refusal, match="bad_state"):
        over.do(_invite(over, "price"))
    with pytest.raises(Refusal, match="no_department"):
        live.do(_invite(live, "parks"))


def _create(world: World, departments: tuple[str, ...], lead: str | None) -> CreateRoom:
    ids = tuple(DepartmentId(one) for one in departments)
    first = DepartmentId(lead) if lead else None
    return CreateRoom(RoomId(world.ids()), "XYZ", "t", "", ids, first, None, False, Policy(), signed(HOST), world.now)


def _invite(world: World, department: str) -> Invite:
    return Invite(
        world.room,
        DepartmentId(department),
        f"CODE-{department}",
        f"hash-{department}",
        world.now + 60_000,
        HOST,
        world.now,
    )


def _sit(world: World, who: Actor) -> TakeSeat:
    return TakeSeat(f"CODE-{who.department}", "nothing", who, world.now)
