"""One timer for all deadlines of a process, so that no connection needs one of its own."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Overdue(Protocol):
    """Somebody with a deadline."""

    def overdue(self) -> None:
        """The deadline is over; it is forgotten already and may be set anew."""
        ...


class Sweep:
    """At most one deadline for each connection; ticks only while there is one."""

    def __init__(self, every: float = 0.25) -> None:
        self._every = every
        self._due: dict[Overdue, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._due)

    def watch(self, who: Overdue, seconds: float) -> None:
        """Sets or moves the deadline of `who`; met up to one tick late."""
        loop = asyncio.get_running_loop()
        self._due[who] = loop.time() + seconds
        if self._timer is None:
            self._timer = loop.call_later(self._every, self._tick)

    def forget(self, who: Overdue) -> None:
        self._due.pop(who, None)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for who in [who for who, due in self._due.items() if due <= now]:
            # One that came due earlier in this tick may have moved or ended this one.
            if self._due.get(who, now + 1) <= now:
                del self._due[who]
                who.overdue()
        self._timer = loop.call_later(self._every, self._tick) if self._due else None
