"""Which places may be taken now: free ones at once, failed ones after a pause, held ones when their holder is silent.

No time of the store or of another node is compared: clocks may be an hour apart. A node watches a cursor's `beat`, and
what it has seen unchanged for long enough by its own clock is ripe.
"""

from __future__ import annotations

from collections.abc import Callable

from rooms.following.pace import Pace
from rooms.following.ports import Behind, Place

# Places watched at once. Beyond it a place is not taken until another is: slower, and in bounded memory.
WATCHED_MAX = 4_096


class Waiting:
    """One for each consumer of a node. Times are monotonic seconds."""

    def __init__(self, now: Callable[[], float], pace: Pace) -> None:
        self._now = now
        self._pace = pace
        self._watched: dict[Place, tuple[int, float]] = {}  # the beat seen, and when it will have been seen long enough

    def ripe(self, one: Behind) -> bool:
        pause_s = self._pause_s(one)
        if not pause_s:
            self._watched.pop(one.place, None)
            return True
        beat, due = self._watched.get(one.place, (-1, 0.0))
        if beat != one.beat:
            if one.place in self._watched or len(self._watched) < WATCHED_MAX:
                self._watched[one.place] = (one.beat, self._now() + pause_s)
            return False
        return due <= self._now()

    def due(self) -> list[Place]:
        """What is worth a look now."""
        now = self._now()
        return [place for place, (_, at) in self._watched.items() if at <= now]

    def next_s(self) -> float | None:
        """Seconds until the next is due, None if nothing is watched."""
        if not self._watched:
            return None
        return max(0.0, min(at for _, at in self._watched.values()) - self._now())

    def keep(self, places: set[Place]) -> None:
        """Forgets every other place: nobody is behind there any more."""
        for gone in self._watched.keys() - places:
            del self._watched[gone]

    def forget(self, place: Place) -> None:
        self._watched.pop(place, None)

    def _pause_s(self, one: Behind) -> float:
        if one.claim is not None:
            return self._pace.lease_s
        if not one.failures:
            return 0.0
        doubled: float = self._pace.first_s * 2.0 ** min(one.failures - 1, 30)
        return min(self._pace.longest_s, doubled)
