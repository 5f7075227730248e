"""One read and one encoding for a whole storm of newcomers, and never an old one."""

from __future__ import annotations

import asyncio

import pytest

from kernel.tasks import spawn
from rooms.model import Lane
from rooms.snapshots import MAX_KEPT
from tests.rooms.world import ROOM, World, settle

pytestmark = pytest.mark.anyio


async def test_a_storm_shares_one_read_and_one_encoding(world: World) -> None:
    async with world.hub.hosting(ROOM):
        world.store.delay = asyncio.Event()
        viewers = [world.viewer() for _ in range(50)]
        joins = [spawn(viewer.join(), name="join") for viewer in viewers]
        await settle()
        world.store.delay.set()
        await asyncio.gather(*joins)
    assert world.store.reads["snapshot"] == 1
    assert world.wire.built["snap"] == 1
    assert len({id(viewer.sink.written[0]) for viewer in viewers}) == 1


async def test_while_nothing_changes_it_is_not_read_again(world: World) -> None:
    for _ in range(3):
        await world.viewer().join()
    assert world.store.reads["snapshot"] == 1
    await world.viewer("msgpack").join()
    assert (world.store.reads["snapshot"], world.wire.built["snap"]) == (1, 2)


async def test_after_an_item_it_is_read_anew(world: World) -> None:
    await world.viewer().join()
    world.say("p1")
    late = await world.viewer().join()
    assert late.of("snap")[0]["head"] == 1
    assert world.store.reads["snapshot"] == 2


async def test_one_read_before_the_question_is_not_its_answer(world: World) -> None:
    """A read has looked, then a text is hidden, then somebody comes: the old look must not be shown."""
    async with world.hub.hosting(ROOM):
        world.say("p", "secret")
        world.store.delay = asyncio.Event()
        first = spawn(world.viewer().join(), name="first")
        await settle()
        world.do("redact", "p", reason="privacy")
        late = world.viewer()
        second = spawn(late.join(), name="second")
        await settle()
        world.store.delay.set()
        await asyncio.gather(first, second)
    assert b"secret" not in late.raw()


async def test_what_was_hidden_while_other_lanes_were_read_is_not_shown(world: World) -> None:
    async with world.hub.hosting(ROOM):
        world.say("p", "secret")
        await world.viewer().join()  # the public snapshot is kept now, with the text
        world.store.delay = asyncio.Event()
        viewer = world.viewer()
        joining = spawn(viewer.join(Lane.PUB, Lane.DESK), name="join")
        await settle()
        world.do("redact", "p", reason="privacy")
        world.store.delay.set()
        await joining
    assert b"secret" not in viewer.raw()


async def test_votes_make_it_old(world: World) -> None:
    await world.viewer().join()
    world.vote("p1", 3, 1)
    await world.pass_time(1.5)
    await world.viewer().join()
    assert world.store.reads["snapshot"] == 2


async def test_only_so_many_are_kept(world: World) -> None:
    for tail in range(MAX_KEPT + 10):
        await world.viewer().join(tail=tail)
    assert len(world.hub.snapshots._kept) == MAX_KEPT


async def test_a_snapshot_too_large_shows_fewer_threads_and_says_so(world: World) -> None:
    for n in range(100):
        world.store.message(f"p{n}", "长" * 9_000)
    viewer = await world.viewer().join(tail=100)
    (snap,) = viewer.of("snap")
    assert len(snap["x"]) < 30
    assert snap["more"] is True
