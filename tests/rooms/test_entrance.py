"""Coming into a lane, from nothing or from any position, without losing or doubling an item."""

from __future__ import annotations

import pytest

from rooms.audience import REACH_RESUME
from rooms.model import Lane
from rooms.ports import Head
from tests.rooms.world import ROOM, World, settle

pytestmark = pytest.mark.anyio


async def test_a_newcomer_gets_a_snapshot_and_then_every_item(world: World) -> None:
    world.store.message("p1")
    viewer = await world.viewer().join()
    world.say("p2")
    world.scheduler.advance()
    assert [frame["t"] for frame in viewer.frames] == ["snap", "ev"]
    assert viewer.seqs() == [1, 2]


async def test_what_is_committed_while_a_newcomer_is_on_the_way_is_neither_lost_nor_doubled(world: World) -> None:
    async with world.hub.hosting(ROOM):
        world.say("p1")
        world.store.message("p2")  # committed elsewhere, its hint not here yet: the snapshot is ahead of the feed
        viewer = await world.viewer().join()
        assert viewer.of("snap")[0]["head"] == 2
        world.say("p3")
        world.scheduler.advance(1)
        await settle()
        world.scheduler.advance(1)
    assert viewer.seqs() == [1, 2, 3]


@pytest.mark.parametrize("start", range(6))
async def test_resume_from_any_position_is_exact(world: World, start: int) -> None:
    for n in range(3):
        world.store.message(f"old{n}")  # before the room was hosted: only in the store
    early = await world.viewer().join()
    for n in range(2):
        world.say(f"new{n}")
    late = await world.viewer().join(pos={Lane.PUB: Head("ep1", start)})
    await settle()
    world.scheduler.advance(1)
    assert late.mode[Lane.PUB] == "replay"
    assert late.seqs() == list(range(start + 1, 6))
    assert not late.of("reset")
    assert early.seqs() == [1, 2, 3, 4, 5]


async def test_resume_with_nothing_missed_says_so(world: World) -> None:
    world.store.message("p1")
    viewer = await world.viewer().join(pos={Lane.PUB: Head("ep1", 1)})
    (frame,) = viewer.frames
    assert (frame["t"], frame["a"], frame["b"], frame["x"]) == ("ev", 2, 1, [])


async def test_a_position_ahead_of_this_node_is_looked_up_not_reset(world: World) -> None:
    await world.viewer().join()
    for n in range(3):
        world.store.message(f"p{n}")  # no hint has reached this node
    viewer = await world.viewer().join(pos={Lane.PUB: Head("ep1", 2)})
    assert viewer.mode[Lane.PUB] == "replay"
    assert viewer.seqs() == [3]


@pytest.mark.parametrize(("position", "why"), [(Head("ep0", 1), "epoch"), (Head("ep1", 9), "ahead")])
async def test_a_void_position_gets_reset_and_a_snapshot(world: World, position: Head, why: str) -> None:
    world.store.message("p1")
    viewer = await world.viewer().join(pos={Lane.PUB: position})
    assert [frame["t"] for frame in viewer.frames] == ["reset", "snap"]
    assert (viewer.of("reset")[0]["why"], viewer.of("reset")[0]["ep"]) == (why, "ep1")


async def test_a_position_too_far_behind_gets_reset_and_a_snapshot(world: World) -> None:
    for n in range(REACH_RESUME + 2):
        world.store.message(f"p{n}")
    near = await world.viewer().join(pos={Lane.PUB: Head("ep1", 2)})
    far = await world.viewer().join(pos={Lane.PUB: Head("ep1", 1)})
    await settle(400)
    assert near.seqs() == list(range(3, REACH_RESUME + 3))
    assert [frame["t"] for frame in far.frames] == ["reset", "snap"]
    assert far.of("reset")[0]["why"] == "behind"


async def test_joining_again_replaces_the_first_join(world: World) -> None:
    viewer = await world.viewer().join()
    world.say("p1")
    world.scheduler.advance(1)
    await viewer.join(pos={Lane.PUB: Head("ep1", 1)})
    world.say("p2")
    world.scheduler.advance(1)
    assert viewer.seqs() == [1, 2]
    assert world.hub.viewers(ROOM) == 1


async def test_who_left_gets_nothing_more(world: World) -> None:
    viewer = await world.viewer().join()
    world.hub.leave(viewer.listener, ROOM)
    world.say("p1")
    world.scheduler.advance(1)
    assert viewer.seqs() == []
    assert world.hub.viewers(ROOM) == 0


async def test_lanes_do_not_mix(world: World) -> None:
    public = await world.viewer().join()
    desk = await world.viewer().join(Lane.DESK, Lane.PUB)
    world.say("note", "backstage", lane=Lane.DESK)
    world.say("p1", "for all")
    world.scheduler.advance(1)
    assert b"backstage" not in public.raw()
    assert [item["body"] for item in desk.items(Lane.DESK)] == ["backstage"]
    assert [item["body"] for item in desk.items(Lane.PUB)] == ["for all"]
