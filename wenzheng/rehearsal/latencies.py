"""How long things took: a histogram with a bucket for each millisecond, as small after an hour as after a minute."""

from __future__ import annotations

from typing import Final

MS: Final = 1000
# The last bucket holds whatever took longer.
MAX_MS: Final = 60_000


class Latencies:
    """Of one kind of thing."""

    def __init__(self) -> None:
        self.count = 0
        self._buckets: dict[int, int] = {}

    def add(self, seconds: float) -> None:
        bucket = min(int(seconds * MS), MAX_MS)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1
        self.count += 1

    def percentile(self, share: float) -> int:
        """In milliseconds; 0 where nothing was counted."""
        left = self.count * share
        for bucket in sorted(self._buckets):
            left -= self._buckets[bucket]
            if left <= 0:
                return bucket
        return 0
