"""What has come from Redis and is not yet understood: reading only puts it here, bounded."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from typing import Final, TypeAlias

# Above these what comes is dropped and a gap told: the store is read instead.
MAX_WAITING: Final = 4096
MAX_BYTES: Final = 16 * 1024 * 1024
# Handed on in one go, before others on the loop have their turn.
TURN: Final = 64

_log = logging.getLogger(__name__)

Heard: TypeAlias = tuple[bytes, bytes]  # channel and payload


class Inbox:
    """`deliver` is called with channel and payload, in the order of arrival."""

    def __init__(self, deliver: Callable[[bytes, bytes], None], gap: Callable[[], None], counts: Counter[str]) -> None:
        self._deliver = deliver
        self._gap = gap
        self._counts = counts
        self._waiting: deque[Heard] = deque()
        self._bytes = 0
        self._missed = False
        self._something = asyncio.Event()

    def put(self, heard: list[Heard]) -> None:
        """What one read brought, in order; what does not fit any more is a gap."""
        size = sum([len(payload) for _, payload in heard])
        if len(self._waiting) + len(heard) <= MAX_WAITING and self._bytes + size <= MAX_BYTES:
            self._waiting.extend(heard)
            self._bytes += size
        else:
            self._put_what_fits(heard)
        self._something.set()

    def _put_what_fits(self, heard: list[Heard]) -> None:
        for channel, payload in heard:
            if len(self._waiting) >= MAX_WAITING or self._bytes + len(payload) > MAX_BYTES:
                self._counts["overflows"] += 1
                self._missed = True
            else:
                self._waiting.append((channel, payload))
                self._bytes += len(payload)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._something.wait()
            for _ in range(min(TURN, len(self._waiting))):
                channel, payload = self._waiting.popleft()
                self._bytes -= len(payload)
                try:
                    self._deliver(channel, payload)
                except Exception:
                    # The ear's own word does not come this way: a node without its inbox would be deaf and look well.
                    _log.exception("what was heard could not be handed on")
            if self._missed:
                # Once for all that was dropped meanwhile: who is flooded must not look at everything for each drop.
                self._missed = False
                self._gap()
            if self._waiting:
                await asyncio.sleep(0)
            else:
                self._something.clear()
