"""Which room goes next: few in hand before many, on air before off air, and nobody waits for ever."""

from __future__ import annotations

import pytest

from moderation.urgency import OVERDUE_MS, pressure
from rooms.model import RoomState


@pytest.mark.parametrize("state", RoomState)
def test_the_fewer_in_hand_the_sooner(state: RoomState) -> None:
    assert pressure(state, 0, 0) < pressure(state, 1, 0) < pressure(state, 9, 0)


@pytest.mark.parametrize("state", [RoomState.SCHEDULED, RoomState.CLOSED])
def test_off_air_counts_for_less_until_it_is_overdue(state: RoomState) -> None:
    assert pressure(RoomState.LIVE, 2, 0) < pressure(state, 0, OVERDUE_MS - 1)
    assert pressure(state, 0, OVERDUE_MS) == pressure(RoomState.PAUSED, 0, OVERDUE_MS)
