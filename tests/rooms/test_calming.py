"""Whoever looks first says that an emergency is over; two nodes say it once."""

from __future__ import annotations

import asyncio

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, RoomId
from kernel.refusals import Refusal
from persistence.store import Store, open_store
from rooms.calming import Calming
from rooms.commands import EndEmergency, RoomCommand, SetRoom
from rooms.model import Lane, PostState
from tests.factories import HOST, live_room, posted

pytestmark = pytest.mark.anyio


async def test_of_two_nodes_one_says_that_it_is_over(store: Store, store_url: str, clock: FrozenClock) -> None:
    ids = CountingIds()
    room = (await live_room(store, clock, ids, premoderate=False)).id
    other = await open_store(store_url, clock=clock)
    try:
        end = clock.now_ms() + 5_000
        await store.commit(SetRoom(room, {}, True, HOST, clock.now_ms(), hold=True, until=end))
        # The very next post, at the other node.
        with pytest.raises(Refusal, match="room_paused"):
            await posted(other, room, clock, ids)
        assert await store.over(clock.now_ms()) == []
        clock.advance(5_000)
        assert (await posted(other, room, clock, ids)).state is PostState.PUBLISHED
        await asyncio.gather(*(Calming(node, clock).once() for node in (store, other)))
        said = [item for item in (await store.events(room, Lane.PUB, 0, 50)).items if item["k"] == "set"]
        assert [(item["freeze"], item["until"]) for item in said] == [(True, end), (False, 0)]
        found = await store.room(room)
        assert found is not None
        assert (found.frozen, found.emergency.until) == (False, None)
    finally:
        await other.close()


class Faulty:
    """A store with a fault that is no refusal; `again` is set when it is asked again."""

    def __init__(self) -> None:
        self.looks, self.again = 0, asyncio.Event()

    async def over(self, now: int) -> list[RoomId]:
        self.looks += 1
        if self.looks > 1:
            self.again.set()
        raise ZeroDivisionError

    async def commit(self, command: RoomCommand) -> object:
        raise NotImplementedError


async def test_a_fault_does_not_end_the_looking(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.ending.LOOK_S", 0.0)
    store = Faulty()
    calming = Calming(store, clock)
    calming.start()
    try:
        async with asyncio.timeout(10):
            await store.again.wait()
    finally:
        await calming.close()


async def test_one_room_that_cannot_be_ended_does_not_keep_the_others_frozen(clock: FrozenClock) -> None:
    ended: list[RoomCommand] = []

    class Store:
        async def over(self, now: int) -> list[RoomId]:
            return [RoomId("broken"), RoomId("live")]

        async def commit(self, command: RoomCommand) -> object:
            if command == EndEmergency(RoomId("broken"), clock.now_ms()):
                raise ZeroDivisionError
            ended.append(command)
            return None

    await Calming(Store(), clock).once()
    assert ended == [EndEmergency(RoomId("live"), clock.now_ms())]
