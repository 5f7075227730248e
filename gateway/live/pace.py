"""How many commands one socket may send: a token bucket in two numbers, filled by looking at the clock."""

from __future__ import annotations

import math


class Bucket:
    """`rate` a second, `burst` at once."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = now

    def widen(self, rate: float, burst: int) -> None:
        """Another role's limit; what was used stays used."""
        self._tokens += burst - self._burst
        self._rate, self._burst = rate, burst

    def give_back(self) -> None:
        """What was taken last was not one to be counted."""
        self._tokens = min(self._burst, self._tokens + 1)

    def take(self, now: float) -> int:
        """0 when granted, else the milliseconds after which trying again helps."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return max(1, math.ceil((1 - self._tokens) / self._rate * 1_000))

    @property
    def calm(self) -> bool:
        """Whether at least half of the burst is left."""
        return self._tokens * 2 >= self._burst
