"""Rooms, steering, invitations and seats on both stores."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, DepartmentId, RoomId
from kernel.refusals import Refusal
from moderation.commands import Command
from persistence.store import Store
from rooms.commands import (
    ChangeState,
    CreateRoom,
    Done,
    Invite,
    Pin,
    Redact,
    Restore,
    RoomChanged,
    SetRoom,
    Stage,
    TakeSeat,
)
from rooms.model import Lane, Policy, RoomState, StaffReview
from rooms.ports import Hint
from rooms.working_set import signed
from tests.contracts.store.invariants import assert_sound
from tests.factories import HOST, METRO, MODERATOR, PRICE, guest, live_room, people, published, scheduled_room, steer

pytestmark = pytest.mark.anyio


async def test_a_room_as_it_was_asked_for(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await scheduled_room(store, clock, ids, staff="review", slow_ms=5_000)
    assert (room.state, room.opened_at, room.lead) == (RoomState.SCHEDULED, None, "price")
    assert room.policy == Policy(staff=StaffReview.REVIEW, slow_ms=5_000)
    heads = await store.heads([room.id])
    assert {lane: head.seq for (_, lane), head in heads.items()} == {Lane.PUB: 0, Lane.DESK: 0, Lane.MOD: 0}
    assert len({head.epoch for head in heads.values()}) == 3


async def test_a_room_of_a_department_that_is_not_there_is_refused(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    await people(store)
    command = CreateRoom(
        RoomId(ids()), "X", "t", "", (DepartmentId("parks"),), None, None, False, Policy(), signed(HOST), clock.now_ms()
    )
    with pytest.raises(Refusal, match="no_department"):
        await store.commit(command)


async def test_a_rooms_life_is_told_in_order(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await scheduled_room(store, clock, ids)
    for verb in ("open", "pause", "resume", "close"):
        clock.advance(1_000)
        await steer(store, clock, room.id, verb)
    with pytest.raises(Refusal, match="bad_state"):
        await steer(store, clock, room.id, "open")
    events = await store.events(room.id, Lane.PUB, 0, 10)
    assert [(item["s"], item["state"]) for item in events.items] == [
        (1, "live"),
        (2, "paused"),
        (3, "live"),
        (4, "closed"),
    ]
    closed = await store.room(room.id)
    assert closed is not None
    assert (closed.opened_at, closed.closed_at) == (clock.now_ms() - 3_000, clock.now_ms())


async def test_two_hosts_open_a_room_once(store: Store, other: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await scheduled_room(store, clock, ids)
    command = ChangeState(room.id, "open", HOST, clock.now_ms())
    found = await asyncio.gather(store.commit(command), other.commit(command), return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["Refusal", "RoomChanged"]
    await assert_sound(store)


async def test_setting_policy_and_freezing_is_told_and_kept(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    heard: list[Hint] = []
    store.on_commit(heard.extend)
    done = await store.commit(SetRoom(room.id, {"premoderate": False}, True, HOST, clock.now_ms()))
    same = await store.commit(SetRoom(room.id, {"premoderate": False}, True, HOST, clock.now_ms()))
    assert done == same == RoomChanged(room.id, 2, RoomState.LIVE)
    [hint] = heard
    assert hint.items[0]["freeze"] is True
    assert hint.items[0]["policy"]["premoderate"] is False
    kept = await store.room(room.id)
    assert kept is not None
    assert (kept.frozen, kept.policy.premoderate) == (True, False)


async def test_hiding_restoring_pinning_and_staging_twice_is_once(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    post = (await published(store, room.id, clock, ids)).post
    now = clock.now_ms()
    for command in (
        Pin(post, True, HOST, now),
        Stage(post, True, HOST, now),
        Redact(post, "privacy", MODERATOR, now),
        Restore(post, "appeal", MODERATOR, now),
        Pin(post, False, HOST, now),
        Stage(post, False, HOST, now),
    ):
        first, second = await asyncio.gather(store.commit(command), other.commit(command))
        assert isinstance(first, Done)
        assert first == second == await store.commit(command)
    await assert_sound(store)


async def test_a_hidden_text_leaves_the_store_no_more(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    post = (await published(store, room.id, clock, ids, body="不宜公开的话")).post
    heard: list[Hint] = []
    store.on_commit(heard.extend)
    await store.commit(Redact(post, "privacy", MODERATOR, clock.now_ms()))
    shown = [await store.snapshot(room.id, Lane.PUB, 50), await store.events(room.id, Lane.PUB, 0, 50)]
    assert "不宜公开的话" not in str((heard, shown))
    await store.commit(Restore(post, "appeal", MODERATOR, clock.now_ms()))
    [told] = [hint.items for hint in heard[-2:] if hint.lane is Lane.PUB]
    assert told[-1]["body"] == "不宜公开的话"


async def test_the_stage_holds_one_however_many_want_it(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    posts = [(await published(store, room.id, clock, ids, by=guest(str(n)))).post for n in range(6)]
    commands: list[Command] = [Stage(post, True, HOST, clock.now_ms()) for post in posts]
    await asyncio.gather(*((store if n % 2 else other).commit(one) for n, one in enumerate(commands)))
    assert len((await store.snapshot(room.id, Lane.PUB, 50)).stage) == 1
    await assert_sound(store)


async def test_an_invited_member_sits_down_once_on_whatever_node(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    await store.commit(_invite(room.id, "price", clock))
    sit = TakeSeat("CODEprice", "-", PRICE, clock.now_ms())
    found = await asyncio.gather(*((store if n % 2 else other).commit(sit) for n in range(6)))
    assert all(isinstance(one, RoomChanged) for one in found)
    assert await store.seated(room.id, signed(PRICE))
    seats = await store.events(room.id, Lane.DESK, 0, 10)
    assert [(item["k"], item["dept"], item["name"]) for item in seats.items] == [("seat", "price", "price1")]
    with pytest.raises(Refusal, match="forbidden"):
        await store.commit(replace(sit, by=METRO))
    clock.advance(60_000)
    with pytest.raises(Refusal, match="expired"):
        await store.commit(sit)


async def test_an_invited_department_joins_after_the_others(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    await people(store)
    number = RoomId(ids())
    one = (DepartmentId("price"),)
    await store.commit(
        CreateRoom(number, "ONE", "t", "", one, None, None, True, Policy(), signed(HOST), clock.now_ms())
    )
    for department in ("metro", "price"):
        await store.commit(_invite(number, department, clock))
    room = await store.room(number)
    assert room is not None
    assert [department.id for department in room.departments] == ["price", "metro"]
    told = await store.events(number, Lane.PUB, 0, 10)
    assert [item["k"] for item in told.items] == ["state", "set"]


def _invite(room: RoomId, department: str, clock: FrozenClock) -> Invite:
    code, until = f"CODE{department}", clock.now_ms() + 60_000
    return Invite(room, DepartmentId(department), code, f"hash-{department}", until, HOST, clock.now_ms())
