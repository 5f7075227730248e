"""Many people watching one room: the rehearsal's viewers, which apply the client rule, count and measure."""

from __future__ import annotations

from wenzheng.conformance.target import target_of
from wenzheng.rehearsal.arrival import Arrival
from wenzheng.rehearsal.door import find
from wenzheng.rehearsal.latencies import Latencies
from wenzheng.rehearsal.screens import Screen

ARRIVALS_PER_S = 500


class Audience(Screen):
    """`approved` says when each post was let through; what comes after counts from there."""

    def __init__(self, base: str, room: str) -> None:
        super().__init__(room, Latencies(), Latencies())
        self._target = target_of(base)

    async def come(self, viewers: int) -> None:
        """Returns when everybody has the room on screen, or it is among the troubles why not."""
        await Arrival(await find(self._target), [self], viewers).run(ARRIVALS_PER_S)

    def go(self) -> None:
        for viewer in self.viewers:
            viewer.leave()
