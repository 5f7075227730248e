"""How fast one netizen may post in one room: a burst, then one at a time. Held in memory, bounded, fails open."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from kernel.clock import Clock
from kernel.refusals import Refusal

BURST = 5
INTERVAL_MS = 10_000
# At some 200 bytes each; the least recently used is forgotten first, which only ever lets somebody post sooner.
KEYS_MAX = 50_000


class Pace:
    """Token buckets kept as one number each: the time at which the bucket is full again."""

    def __init__(
        self, clock: Clock, *, burst: int = BURST, interval_ms: int = INTERVAL_MS, keys_max: int = KEYS_MAX
    ) -> None:
        self._clock = clock
        self._interval = interval_ms
        self._slack = (burst - 1) * interval_ms
        self._keys_max = keys_max
        self._full_at: OrderedDict[Hashable, int] = OrderedDict()

    def take(self, key: Hashable) -> None:
        """Takes one token. Raises `rate`, with the time until the next one, when there is none."""
        now = self._clock.now_ms()
        full_at = max(self._full_at.get(key, now), now)
        wait = full_at - now - self._slack
        if wait > 0:
            raise Refusal("rate", retry_ms=wait)
        self._full_at[key] = full_at + self._interval
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._keys_max:
            self._full_at.popitem(last=False)

    def refund(self, key: Hashable) -> None:
        """Gives a token back for a post that was none: a resend, or one that was not stored."""
        full_at = self._full_at.get(key)
        if full_at is None:
            return
        if full_at - self._interval <= self._clock.now_ms():
            del self._full_at[key]
        else:
            self._full_at[key] = full_at - self._interval

    def __len__(self) -> int:
        return len(self._full_at)
