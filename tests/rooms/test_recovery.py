"""Slow viewers: skipped, caught up from the ring or the store, started anew, or let go."""

from __future__ import annotations

import pytest

from rooms.audience import REACH_PARKED
from rooms.model import Lane
from rooms.ring import MAX_ITEMS
from tests.rooms.world import ROOM, World, settle

pytestmark = pytest.mark.anyio


async def test_a_stuck_viewer_is_skipped_and_catches_up_from_the_ring(world: World) -> None:
    slow, quick = await world.viewer().join(), await world.viewer().join()
    slow.stick()
    for n in range(5):
        world.say(f"p{n}")
        world.scheduler.advance(1)
    assert quick.seqs() == [1, 2, 3, 4, 5]
    assert len(slow.of("ev")) == 1, "one message is on its way to it, and no more is held for it"
    reads = world.store.reads["events"]
    slow.flow()
    assert slow.seqs() == [1, 2, 3, 4, 5]
    assert world.store.reads["events"] == reads


async def test_a_viewer_behind_the_ring_catches_up_from_the_store(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    world.say("p1")
    world.scheduler.advance(1)
    for n in range(40):
        world.say(f"q{n}")
    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._drop(30)
    slow.flow()
    await settle()
    assert slow.seqs() == list(range(1, 42))
    assert not slow.of("reset")


async def test_many_behind_at_one_cursor_share_one_read(world: World) -> None:
    slow = [await world.viewer().join() for _ in range(20)]
    for viewer in slow:
        viewer.stick()
    world.say("p1")
    world.scheduler.advance(1)
    for n in range(40):
        world.say(f"q{n}")
    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._drop(30)
    reads = world.store.reads["events"]
    for viewer in slow:
        viewer.flow()
    await settle(60)
    assert {tuple(viewer.seqs()) for viewer in slow} == {tuple(range(1, 42))}
    assert world.store.reads["events"] == reads + 1


async def test_a_viewer_far_behind_starts_anew(world: World) -> None:
    slow = await world.viewer().join(tail=2)
    slow.stick()
    world.say("first")
    world.scheduler.advance(1)
    for n in range(MAX_ITEMS + REACH_PARKED):
        world.say(f"q{n}")
    slow.flow()
    await settle()
    assert slow.of("reset")[0]["why"] == "behind"
    assert slow.of("snap")[-1]["head"] == MAX_ITEMS + REACH_PARKED + 1
    world.say("next")
    world.scheduler.advance(1)
    assert slow.items()[-1]["id"] == "next"


async def test_while_the_store_is_away_a_viewer_behind_waits_for_it(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    world.say("p1")
    world.scheduler.advance(1)
    for n in range(9):
        world.say(f"q{n}")
    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._drop(5)
    world.store.away = True
    slow.flow()
    await settle()
    assert slow.seqs() == [1]
    world.store.away = False
    await world.probe()
    assert slow.seqs() == list(range(1, 11))


async def test_who_takes_nothing_for_too_long_is_closed(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    for n in range(2):
        world.say(f"p{n}")
        world.scheduler.advance(1)
    await world.pass_time(9)
    assert slow.sink.closed is None
    await world.pass_time(2.5)
    assert slow.sink.closed == 4002


async def test_who_takes_a_little_may_stay(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    for n in range(2):
        world.say(f"p{n}", "x" * 1_000)
        world.scheduler.advance(1)
    for _ in range(5):
        slow.sink.unsent -= 10
        await world.pass_time(9)
    assert slow.sink.closed is None


async def test_with_too_much_unsent_patience_is_short(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    slow.sink.unsent = 300 * 1024
    world.say("p1")
    world.scheduler.advance()
    await world.pass_time(3)
    assert slow.sink.closed == 4002


async def test_a_parked_viewer_that_goes_leaves_nothing_behind(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    for n in range(2):
        world.say(f"p{n}")
        world.scheduler.advance(1)
    assert len(world.hub.parking) == 1
    world.hub.drop(slow.listener)
    assert len(world.hub.parking) == 0
    assert not world.hub.hosted[ROOM].listeners


async def test_who_leaves_while_the_store_is_asked_for_it_is_forgotten(world: World) -> None:
    slow, staying = await world.viewer().join(), await world.viewer().join()
    for viewer in (slow, staying):
        viewer.stick()
    world.say("p1")
    world.scheduler.advance(1)
    for n in range(9):
        world.say(f"q{n}")
    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._drop(5)
    world.store.away = True
    slow.flow()
    staying.flow()
    await settle()
    world.hub.drop(slow.listener)
    world.store.away = False
    await world.probe()
    assert slow.seqs() == [1]
    assert staying.seqs() == list(range(1, 11))
    assert not world.hub._recovery._queues
