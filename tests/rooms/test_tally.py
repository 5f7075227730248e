"""Votes are told whole, joined, and at most once a second."""

from __future__ import annotations

import pytest

from rooms.model import Lane
from tests.rooms.world import World

pytestmark = pytest.mark.anyio


async def test_many_votes_in_a_second_make_one_frame(world: World) -> None:
    viewer = await world.viewer().join()
    for up in range(1, 200):
        world.vote("p1", up, 0)
    world.vote("p2", 0, 4)
    await world.pass_time(1)
    (tally,) = viewer.of("tally")
    assert tally == {"t": "tally", "r": "room1", "x": {"p1": [199, 0], "p2": [0, 4]}}


async def test_at_most_one_frame_a_second(world: World) -> None:
    viewer = await world.viewer().join()
    for n in range(20):
        world.vote("p1", n, 0)
        await world.pass_time(0.5)
    assert len(viewer.of("tally")) <= 10


async def test_without_votes_there_is_none(world: World) -> None:
    viewer = await world.viewer().join()
    await world.pass_time(5)
    assert not viewer.of("tally")


async def test_only_those_who_see_the_public_lane_are_told(world: World) -> None:
    backstage = await world.viewer().join(Lane.DESK)
    world.vote("p1", 1, 0)
    await world.pass_time(1)
    assert not backstage.of("tally")
