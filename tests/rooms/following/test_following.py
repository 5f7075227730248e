"""All consumers of a node: each follows by itself, woken by the bus, and leaves nothing held when it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from gateway.bus_memory import MemoryBus
from kernel.clock import SystemClock
from kernel.ids import CountingIds
from persistence.store import Store
from rooms.following.following import Following
from rooms.following.pace import Pace
from rooms.following.ports import Event
from rooms.model import Lane
from rooms.ports import Hint
from tests.contracts.store.demo_consumer import Demo, drop_table, make_table
from tests.factories import live_room, published

pytestmark = pytest.mark.anyio

# So long between looks at everything that only hints can be what wakes it.
PACE = Pace(look_s=0.005, sweep_s=3_600)


@pytest.fixture
async def bus(sqlite_store: Store) -> AsyncIterator[MemoryBus]:
    await make_table(sqlite_store)
    bus = MemoryBus()

    def publish(hints: list[Hint]) -> None:
        for hint in hints:
            bus.publish(hint)

    sqlite_store.on_commit(publish)
    yield bus
    await drop_table(sqlite_store)


async def test_each_consumer_hears_of_every_commit_and_lets_go_at_the_end(sqlite_store: Store, bus: MemoryBus) -> None:
    ids, clock = CountingIds(), SystemClock()
    public, moderators = Demo("public", frozenset({Lane.PUB})), Demo("moderators", frozenset({Lane.MOD}))
    following = Following([public, moderators], sqlite_store, bus, ids, PACE)
    following.start()
    room = (await live_room(sqlite_store, clock, ids)).id
    for n in range(3):
        await published(sqlite_store, room, clock, ids, cid=str(n))
        await until(lambda: sum(body is not None for body in public.bodies) == n + 1)  # noqa: B023 - awaited at once
    await until(lambda: bool(moderators.told))
    await following.close()

    for name, lane in (("public", Lane.PUB), ("moderators", Lane.MOD)):
        assert [one.claim for one in await sqlite_store.behind(name, (lane,), limit=9)] in ([], [None])
    measured = following.measures()
    assert measured["cursor_public_events_total"] == len(public.told)
    assert measured["cursor_public_working"] == measured["cursor_moderators_working"] == 0


async def test_a_bus_that_doubts_itself_has_everything_looked_at(sqlite_store: Store) -> None:
    class Deaf(MemoryBus):
        def lost_something(self) -> None:
            self._receivers.gap()

    await make_table(sqlite_store)
    ids, clock, bus, consumer = CountingIds(), SystemClock(), Deaf(), Demo(lanes=frozenset({Lane.PUB}))
    following = Following([consumer], sqlite_store, bus, ids, PACE)
    following.start()
    # The first look at everything is over, and the next one by the clock is an hour away.
    await until(lambda: following.followers[0]._swept_at > 0)
    room = (await live_room(sqlite_store, clock, ids)).id
    await published(sqlite_store, room, clock, ids, cid="unheard")
    assert consumer.told == []

    bus.lost_something()
    await until(lambda: any(body is not None for body in consumer.bodies))
    await following.close()
    await drop_table(sqlite_store)


async def test_whoever_is_in_the_middle_at_the_end_gives_its_place_back(sqlite_store: Store, bus: MemoryBus) -> None:
    entered = asyncio.Event()

    class Slow(Demo):
        async def handle(self, event: Event) -> None:
            entered.set()
            await asyncio.Event().wait()

    ids, clock = CountingIds(), SystemClock()
    await live_room(sqlite_store, clock, ids)
    following = Following([Slow(lanes=frozenset({Lane.PUB}))], sqlite_store, bus, ids, PACE)
    following.start()
    await entered.wait()
    for follower in following.followers:
        await follower.close(0.01)
    await following.close()
    (left,) = await sqlite_store.behind("demo", (Lane.PUB,), limit=9)
    assert (left.claim, left.failures) == (None, 0)


async def test_a_hint_at_the_moment_of_the_end_keeps_nobody(sqlite_store: Store) -> None:
    await make_table(sqlite_store)
    following = Following([Demo()], sqlite_store, MemoryBus(), CountingIds(), PACE)
    following.start()
    (follower,) = following.followers
    await until(lambda: follower.rests)
    # Both in one turn of the loop: who waits is woken and ended at once.
    follower.doubt()
    async with asyncio.timeout(20):
        await following.close()
    await drop_table(sqlite_store)


async def test_names_are_what_cursors_are_kept_under(sqlite_store: Store, ids: CountingIds) -> None:
    with pytest.raises(ValueError, match="share"):
        Following([Demo("same"), Demo("same")], sqlite_store, MemoryBus(), ids)
    for name in ("", "x" * 33):
        with pytest.raises(ValueError, match="characters"):
            Following([Demo(name)], sqlite_store, MemoryBus(), ids)


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not met():
            await asyncio.sleep(0.002)  # the store's threads know only real time
