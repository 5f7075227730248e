"""Viewers come in."""

from __future__ import annotations

from typing import cast

import pytest

from wenzheng.rehearsal import arrival
from wenzheng.rehearsal.arrival import COMING_MAX, Arrival
from wenzheng.rehearsal.door import Door
from wenzheng.rehearsal.latencies import Latencies
from wenzheng.rehearsal.screens import Screen, Viewer
from wenzheng.rehearsal.socket import Socket

pytestmark = pytest.mark.anyio

AT_ONCE = 1e9


class Gate:
    """`opens` says whether who comes is let in; `coming` counts who has not been."""

    request = b"GET"

    def __init__(self, *, opens: bool) -> None:
        self.opens = opens
        self.coming = self.most = 0

    async def open(self, who: Socket) -> None:
        self.coming += 1
        self.most = max(self.most, self.coming)
        if self.opens:
            self.coming -= 1
            assert isinstance(who, Viewer)
            who.message(b'[{"t":"snap","head":3}]')


def screens(count: int) -> list[Screen]:
    return [Screen(f"r{n}", Latencies(), Latencies()) for n in range(count)]


async def test_they_are_spread_over_the_rooms() -> None:
    rooms = screens(3)
    coming = Arrival(cast(Door, Gate(opens=True)), rooms, 7)
    await coming.run(AT_ONCE)
    assert [len(room.viewers) for room in rooms] == [3, 2, 2]
    assert (coming.missing, sum(room.joins.count for room in rooms)) == (0, 7)


async def test_a_server_that_lets_nobody_in_is_not_besieged_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "COME_S", 0.01)
    gate, rooms = Gate(opens=False), screens(1)
    await Arrival(cast(Door, gate), rooms, 3 * COMING_MAX).run(AT_ONCE)
    assert gate.most == COMING_MAX
    assert rooms[0].troubles == {"no room on screen in time": 3 * COMING_MAX}
