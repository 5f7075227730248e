"""Shifts and the queue's figures on both databases: who is here, what they leave, when nobody is."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from moderation.queue_health import MINUTE_MS
from moderation.shifts import SEEN_MS, Shift, Shifts, ShiftState
from persistence.store import Store
from tests.factories import HOST, MODERATOR, MODERATOR_2, PRICE, decided, guest, live_room, posted, pulled, staff

pytestmark = pytest.mark.anyio
COORDINATOR = staff("coordinator1", Role.COORDINATOR)


async def test_they_come_rest_and_go_with_a_word_to_the_next(store: Store, clock: FrozenClock) -> None:
    shifts = Shifts(store, clock)
    await shifts.turn(MODERATOR, ShiftState.ON, None, None)
    await shifts.turn(MODERATOR_2, ShiftState.REST, clock.now_ms() + MINUTE_MS, None)
    clock.advance(MINUTE_MS)
    await shifts.turn(MODERATOR, ShiftState.OFF, None, "票价一室 3 条等部门回话")
    found = {one["id"]: one for one in (await shifts.health(HOST, None))["shifts"]}
    assert [found[one.id]["state"] for one in (MODERATOR, MODERATOR_2)] == ["off", "rest"]
    assert (found[MODERATOR.id]["note"], found[MODERATOR.id]["here"]) == ("票价一室 3 条等部门回话", False)
    # Coming back does not throw the note away, time does.
    await shifts.turn(MODERATOR, ShiftState.ON, None, None)
    assert "note" in (await shifts.health(HOST, None))["shifts"][0]
    clock.advance(13 * 60 * MINUTE_MS)
    assert "note" not in (await shifts.health(HOST, None))["shifts"][0]


async def test_whose_screen_asks_no_more_is_not_on_duty_and_what_waits_is_unattended(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = (await live_room(store, clock, ids)).id
    shifts = Shifts(store, clock)
    await shifts.turn(MODERATOR, ShiftState.ON, None, None)
    for n in range(2):
        await posted(store, room, clock, ids, by=guest(str(n)))
    assert not (await shifts.health(COORDINATOR, None))["unattended"]
    clock.advance(SEEN_MS)
    await shifts.health(MODERATOR, None)
    clock.advance(SEEN_MS)
    assert not (await shifts.health(COORDINATOR, None))["unattended"], "the moderator's own asking kept them here"
    clock.advance(SEEN_MS)
    health = await shifts.health(COORDINATOR, room)
    assert (health["unattended"], health["waiting"], health["oldest_ms"]) == (True, 2, 3 * SEEN_MS)
    await shifts.look()
    assert (shifts.measures()["review_unattended"], shifts.measures()["review_waiting"]) == (1.0, 2.0)
    # Whoever decides is there, whatever was pressed.
    got = await pulled(store, clock)
    await decided(store, clock, got.posts[0].post)
    health = await shifts.health(COORDINATOR, None)
    assert (health["unattended"], health["waiting"], health["decided"], health["line"][-1]) == (False, 1, [1, 1], 1)
    assert health["wait_p50_ms"] == 3 * SEEN_MS


async def test_who_goes_while_the_screen_asks_has_gone(
    store: Store, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shifts = Shifts(store, clock)
    await shifts.turn(MODERATOR, ShiftState.ON, None, None)
    clock.advance(MINUTE_MS)
    read = store.shifts

    async def gone_since() -> list[Shift]:
        found = await read()
        await store.put_shift(replace(found[0], state=ShiftState.OFF, note="三条等回话"))
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(store, "shifts", gone_since)
        await shifts.health(MODERATOR, None)
    (left,) = await store.shifts()
    assert (left.state, left.note) == (ShiftState.OFF, "三条等回话")


async def test_a_fault_does_not_end_the_watch(
    store: Store, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shifts, looks, again = Shifts(store, clock), 0, asyncio.Event()

    async def faulty() -> list[Shift]:
        nonlocal looks
        looks += 1
        if looks > 1:
            again.set()
        raise ZeroDivisionError

    monkeypatch.setattr(store, "shifts", faulty)
    monkeypatch.setattr("moderation.shifts.WATCH_S", 0.0)
    shifts.start()
    try:
        async with asyncio.timeout(10):
            await again.wait()
    finally:
        await shifts.close()


@pytest.mark.parametrize("actor", [PRICE, guest()])
async def test_others_are_told_nothing(store: Store, clock: FrozenClock, actor: Actor) -> None:
    with pytest.raises(Refusal, match="forbidden"):
        await Shifts(store, clock).health(actor, None)
    with pytest.raises(Refusal, match="forbidden"):
        await Shifts(store, clock).turn(actor, ShiftState.ON, None, None)


async def test_a_rest_has_an_end_and_nothing_else_has(store: Store, clock: FrozenClock) -> None:
    shifts = Shifts(store, clock)
    for state, until in ((ShiftState.ON, 1), (ShiftState.REST, clock.now_ms() - 1), (ShiftState.REST, 2**52)):
        with pytest.raises(Refusal, match="bad_request"):
            await shifts.turn(MODERATOR, state, until, None)


async def test_the_citys_times_are_those_of_its_rooms_together(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    rooms = [(await live_room(store, clock, ids)).id for _ in range(2)]
    for room, count in zip(rooms, (1, 2), strict=True):
        for n in range(count):
            await posted(store, room, clock, ids, by=guest(f"{room}{n}"))
    clock.advance(MINUTE_MS)
    got = await pulled(store, clock, room=rooms[1])
    await decided(store, clock, got.posts[0].post)
    waiting, rulings = await store.city_times(clock.now_ms() - 1)
    for room in rooms:
        own = await store.queue_times(room, clock.now_ms() - 1)
        assert own == ([at for where, at in waiting if where == room], [one for where, one in rulings if where == room])
    assert (sorted(where for where, _ in waiting), [where for where, _ in rulings]) == (sorted(rooms), [rooms[1]])
    assert (await store.city_times(clock.now_ms()))[1] == []
