"""How many watch: exact for a few, rounded for many, never names."""

from __future__ import annotations

import pytest

from kernel.ids import RoomId
from rooms.presence import Presence, Viewers
from tests.rooms.world import ROOM, World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("present", "shown"),
    [
        (0, Viewers(0, False)),
        (1_000, Viewers(1_000, False)),
        (1_001, Viewers(1_000, True)),
        (1_449, Viewers(1_450, True)),
        (14_960, Viewers(15_000, True)),
    ],
)
def test_above_a_thousand_it_is_rounded(present: int, shown: Viewers) -> None:
    presence = Presence()
    for _ in range(present):
        presence.entered(RoomId("r"))
    assert presence.viewers(RoomId("r")) == shown


def test_those_on_other_nodes_count_approximately() -> None:
    presence = Presence(elsewhere=lambda room: Viewers(7, approx=True))
    presence.entered(RoomId("r"))
    assert presence.viewers(RoomId("r")) == Viewers(8, True)


def test_where_nobody_knows_what_others_count_ones_own_is_shown_as_approximate() -> None:
    presence = Presence(elsewhere=lambda room: Viewers(0, approx=True))
    presence.entered(RoomId("r"))
    assert presence.viewers(RoomId("r")) == Viewers(1, True)


@pytest.mark.parametrize("present", [1_001, 1_049, 1_050, 1_995, 9_994, 9_996, 10_049, 99_950, 123_456])
def test_rounding_takes_less_than_one_in_a_hundred(present: int) -> None:
    shown = Presence(elsewhere=lambda room: Viewers(present, approx=True)).viewers(RoomId("r")).count
    assert abs(shown - present) * 100 < present


def test_leaving_more_often_than_coming_counts_nobody_twice() -> None:
    presence = Presence()
    presence.left(RoomId("r"))
    presence.entered(RoomId("r"))
    assert presence.viewers(RoomId("r")).count == 1


async def test_a_silent_inspection_is_not_counted(world: World) -> None:
    await world.viewer().join()
    inspector = await world.viewer(counted=False).join()
    assert world.hub.viewers(ROOM) == 1
    world.hub.drop(inspector.listener)
    assert world.hub.viewers(ROOM) == 1
