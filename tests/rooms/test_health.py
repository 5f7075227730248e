"""Staff are told how the node is served, when it changes; the public is not, and nobody is told that all is well."""

from __future__ import annotations

import pytest

from rooms.health import SLOW_S, STALE_S, Health, Pulse, StoreState
from rooms.model import Lane
from tests.rooms.world import ROOM, Viewer, World

pytestmark = pytest.mark.anyio


def told(viewer: Viewer) -> list[tuple[str, str]]:
    return [(frame["store"], frame["bus"]) for frame in viewer.of("health")]


def test_one_question_that_failed_is_not_a_store_that_is_down() -> None:
    pulse = Pulse(100.0)
    pulse.asked(100.4)
    pulse.refused()
    assert pulse.state(100.5) is StoreState.UP
    assert pulse.state(100.1 + SLOW_S) is StoreState.DOWN
    pulse.asked(102.0)
    pulse.answered(102.1)
    assert pulse.state(102.2) is StoreState.UP


def test_an_answer_that_took_long_is_slow_and_none_at_all_is_down() -> None:
    pulse = Pulse(100.0)
    pulse.asked(100.0)
    assert pulse.state(100.1 + SLOW_S) is StoreState.SLOW
    assert pulse.state(100.1 + STALE_S) is StoreState.DOWN
    pulse.answered(102.0)
    assert pulse.state(102.1) is StoreState.SLOW
    pulse.asked(102.4)
    pulse.answered(102.5)
    assert pulse.state(102.6) is StoreState.UP


def test_measures_say_the_same_as_frames() -> None:
    assert Health().measures() == {"store_up": 1.0, "store_slow": 0.0, "bus_up": 1.0}
    assert Health(StoreState.SLOW).measures()["store_up"] == 1.0
    assert Health(StoreState.DOWN, bus=False).measures() == {"store_up": 0.0, "store_slow": 0.0, "bus_up": 0.0}


async def test_desk_and_moderators_hear_of_it_once_and_of_its_end(world: World) -> None:
    viewer = await world.viewer().join()
    staff = [await world.viewer().join(lane) for lane in (Lane.DESK, Lane.MOD)]
    await world.pass_time(2)
    assert [told(one) for one in staff] == [[], []]

    world.store.away = True
    await world.pass_time(STALE_S + 1)
    world.store.away = False
    await world.pass_time(2)
    world.bus.healthy = False
    await world.pass_time(2)

    for one in staff:
        assert told(one) == [("down", "up"), ("up", "up"), ("up", "down")]
    assert told(viewer) == []


async def test_who_comes_later_is_told_how_things_stand_unless_all_is_well(world: World) -> None:
    well = await world.viewer().join(Lane.DESK)
    world.hub.asides.greet(ROOM, well.listener)
    assert told(well) == []
    world.bus.healthy = False
    staff, viewer = await world.viewer().join(Lane.DESK), await world.viewer().join()
    for one in (staff, viewer):
        world.hub.asides.greet(ROOM, one.listener)
    assert told(staff) == [("up", "down")]
    assert told(viewer) == []


async def test_whose_socket_was_full_is_told_when_it_is_free(world: World) -> None:
    staff = await world.viewer().join(Lane.MOD)
    staff.stick()
    world.say("p1")
    world.do("queue", "p1", lane=Lane.MOD, waiting=1)
    await world.pass_time(1)
    world.bus.healthy = False
    await world.pass_time(1)
    assert told(staff) == []
    staff.flow()
    assert told(staff) == [("up", "down")]
