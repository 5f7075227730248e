"""Token buckets per address, in bounded memory: over it, `rate` with the time to wait."""

from __future__ import annotations

from collections import OrderedDict
from math import ceil

from gateway.engine.addresses import counted_as
from kernel.clock import Clock
from kernel.refusals import Refusal

_KEYS_MAX = 20_000


class Buckets:
    """Each address (of IPv6 each /64) or user may spend `burst` at once, and then what drips back evenly.

    Without a `burst` it is a minute's worth.

    The longest untouched bucket is forgotten first. Who can show so many addresses that this refills one of them has
    as many allowances as addresses anyway.
    """

    def __init__(
        self, clock: Clock, per_minute: float, burst: float | None = None, *, keys_max: int = _KEYS_MAX
    ) -> None:
        self._clock = clock
        self._capacity = per_minute if burst is None else burst
        self._per_ms = per_minute / 60_000
        self._keys_max = keys_max
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def spend(self, whose: str) -> None:
        """Takes one; `rate` with `retry_ms` when there is none."""
        key = counted_as(whose)
        now = self._clock.now_ms()
        left, since = self._buckets.get(key, (self._capacity, now))
        # The wall clock may step back: then nothing drips, rather than a bucket running dry.
        left = min(self._capacity, left + max(0, now - since) * self._per_ms)
        self._buckets[key] = (left - 1 if left >= 1 else left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys_max:
            self._buckets.popitem(last=False)
        if left < 1:
            raise Refusal("rate", retry_ms=ceil((1 - left) / self._per_ms))
