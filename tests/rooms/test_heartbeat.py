"""The heartbeat lets a client see its own gap, and tells nothing it should not."""

from __future__ import annotations

import pytest

from rooms.model import Lane
from tests.rooms.world import ROOM, World

pytestmark = pytest.mark.anyio


async def test_it_beats_every_fifteen_seconds_in_a_quiet_room(world: World) -> None:
    viewer = await world.viewer().join()
    await world.pass_time(14)
    assert not viewer.of("hb")
    await world.pass_time(2)
    (beat,) = viewer.of("hb")
    assert beat == {
        "t": "hb",
        "r": "room1",
        "at": world.clock.now_ms(),
        "heads": {"pub": 0},
        "viewers": 1,
        "approx": False,
        "duty": False,
    }
    await world.pass_time(30)
    assert len(viewer.of("hb")) == 3


async def test_it_beats_three_seconds_after_activity(world: World) -> None:
    viewer = await world.viewer().join()
    world.say("p1")
    await world.pass_time(2)
    assert not viewer.of("hb")
    await world.pass_time(2)
    assert [beat["heads"] for beat in viewer.of("hb")] == [{"pub": 1}]
    await world.pass_time(8)
    assert len(viewer.of("hb")) == 1


async def test_it_tells_that_a_moderator_is_there_and_not_how_many(world: World) -> None:
    viewer = await world.viewer().join()
    moderators = [await world.viewer().join(Lane.MOD) for _ in range(3)]
    await world.pass_time(4)
    assert [beat["duty"] for beat in viewer.of("hb")] == [True]
    for moderator in moderators:
        assert world.hub.on_duty(ROOM)
        world.hub.drop(moderator.listener)
    assert not world.hub.on_duty(ROOM)
    await world.pass_time(4)
    assert [beat["duty"] for beat in viewer.of("hb")] == [True, False]
    assert viewer.of("hb")[0].keys() == {"t", "r", "at", "heads", "viewers", "approx", "duty"}


async def test_a_moderator_on_another_node_is_on_duty_too(world: World) -> None:
    viewer = await world.viewer().join()
    world.hub.presence.duty_elsewhere = lambda room: room == ROOM
    await world.pass_time(16)
    assert viewer.of("hb")[-1]["duty"]


async def test_heads_are_told_only_of_lanes_that_were_joined(world: World) -> None:
    public = await world.viewer().join()
    desk = await world.viewer().join(Lane.DESK, Lane.PUB)
    world.say("q", lane=Lane.MOD)
    await world.pass_time(16)
    assert all(beat["heads"].keys() == {"pub"} for beat in public.of("hb"))
    assert all(beat["heads"].keys() == {"pub", "desk"} for beat in desk.of("hb"))


async def test_it_tells_the_stores_head_even_where_this_node_could_not_read_the_items(world: World) -> None:
    viewer = await world.viewer().join()
    world.store.message("p1")
    world.store.delay = None
    events = world.store.events

    async def broken(*arguments: object) -> object:
        world.store.away = True
        try:
            return await events(*arguments)  # type: ignore[arg-type]
        finally:
            world.store.away = False

    world.store.events = broken  # type: ignore[method-assign, assignment]
    await world.pass_time(16)
    assert viewer.seqs() == []
    assert viewer.of("hb")[-1]["heads"] == {"pub": 1}


async def test_it_is_withheld_while_the_store_is_silent(world: World) -> None:
    viewer = await world.viewer().join()
    await world.pass_time(10)
    world.store.away = True
    await world.pass_time(20)
    assert not viewer.of("hb")
    world.store.away = False
    await world.pass_time(1)
    assert len(viewer.of("hb")) == 1


async def test_a_stuck_viewer_is_parked_by_it(world: World) -> None:
    viewer = await world.viewer().join()
    viewer.stick()
    await world.pass_time(16)
    await world.pass_time(30)
    assert viewer.sink.closed == 4002, "a peer that has silently died is found by the heartbeats it does not take"
