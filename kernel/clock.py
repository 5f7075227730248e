"""Where time comes from; tests pass a frozen clock, the process passes the system's."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Source of the present, always in integer milliseconds since 1970 UTC."""

    def now_ms(self) -> int: ...


class SystemClock:
    """The machine's own wall clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class FrozenClock:
    """A clock that moves only when told to."""

    def __init__(self, now_ms: int = 1_446_339_600_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, ms: int) -> None:
        self._now_ms += ms
