"""What has come from Redis and is not yet understood: the reader only puts it here, bounded."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

# Above these what comes is dropped and a gap told: the store is read instead.
MAX_WAITING: Final = 4096
MAX_BYTES: Final = 16 * 1024 * 1024
# Handed on in one go, before others on the loop have their turn.
TURN: Final = 64

_log = logging.getLogger(__name__)


class Inbox:
    """`deliver` is called with channel and payload, in the order of arrival."""

    def __init__(self, deliver: Callable[[bytes, bytes], None], gap: Callable[[], None], counts: Counter[str]) -> None:
        self._deliver = deliver
        self._gap = gap
        self._counts = counts
        self._waiting: deque[tuple[bytes, bytes]] = deque()
        self._bytes = 0
        self._missed = False
        self._something = asyncio.Event()

    def put(self, channel: bytes, payload: bytes) -> None:
        if len(self._waiting) >= MAX_WAITING or self._bytes + len(payload) > MAX_BYTES:
            self._counts["overflows"] += 1
            self._missed = True
            self._something.set()
            return
        self._waiting.append((channel, payload))
        self._bytes += len(payload)
        self._something.set()

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
