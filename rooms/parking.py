"""Viewers whose sockets hold bytes unsent: skipped by every fan-out, and let go when they take nothing for too long."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rooms.audience import Listener

CLOSE_SLOW: Final = 4002
# With more than the allowed bytes unsent, this long without taking any is enough.
FULL_PATIENCE_S: Final = 2.0


class Parking:
    """Since when each parked listener has taken nothing, and how much it then had left."""

    def __init__(self, park_s: float, park_bytes: int, counts: Counter[str]) -> None:
        self._park_s = park_s
        self._park_bytes = park_bytes
        self._counts = counts
        self._parked: dict[Listener, tuple[float, int]] = {}

    def __len__(self) -> int:
        return len(self._parked)

    def __contains__(self, listener: Listener) -> bool:
        return listener in self._parked

    def enter(self, listener: Listener, now: float) -> None:
        if listener not in self._parked:
            self._parked[listener] = (now, listener.sink.unsent)
            self._counts["parked"] += 1

    def leave(self, listener: Listener) -> None:
        self._parked.pop(listener, None)

    def sweep(self, now: float) -> None:
        """Closes those that took nothing since; what was taken starts their time anew."""
        for listener, (since, left) in list(self._parked.items()):
            unsent = listener.sink.unsent
            if unsent == 0:
                del self._parked[listener]
            elif unsent < left:
                self._parked[listener] = (now, unsent)
            elif now - since > (FULL_PATIENCE_S if unsent > self._park_bytes else self._park_s):
                del self._parked[listener]
                self._counts["parked_closed"] += 1
                listener.sink.close(CLOSE_SLOW, "slow")
            else:
                self._parked[listener] = (since, unsent)
