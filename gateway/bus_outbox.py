"""What this node tells one Redis server: bounded, in the order told, many in one write, and gone when Redis is away."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from itertools import islice
from typing import Final

from redis.exceptions import ResponseError

from gateway.redis_line import LineBroken, RedisLine

# Above these the newest is not sent: whoever misses it reads the store.
MAX_WAITING: Final = 4096
MAX_BYTES: Final = 16 * 1024 * 1024
BATCH: Final = 256
BATCH_BYTES: Final = 1024 * 1024
# Between tries to reach a Redis that is away: a little longer each time.
PAUSE_S: Final = 0.1
MAX_PAUSE_S: Final = 1.0

_log = logging.getLogger(__name__)


class Outbox:
    """`sound` tells whether the last write was taken, `trouble` why not; `changed` is called when that may differ."""

    def __init__(
        self, open_line: Callable[[], RedisLine], verb: str, counts: Counter[str], changed: Callable[[], None]
    ) -> None:
        self.sound = True
        self.trouble = ""
        self._open_line = open_line
        self._verb = verb
        self._counts = counts
        self._changed = changed
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._bytes = 0
        self._something = asyncio.Event()

    def put(self, channel: str, payload: bytes) -> None:
        """Returns at once."""
        if len(self._waiting) >= MAX_WAITING or self._bytes + len(payload) > MAX_BYTES:
            self._counts["dropped_full"] += 1
            return
        self._waiting.append((channel, payload))
        self._bytes += len(payload)
        self._something.set()

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        while True:
            line = self._open_line()
            try:
                await line.open()
                self.trouble = ""
                self._judge(sound=True)
                while True:
                    await self._something.wait()
                    await self._send(line)
                    failures = 0
            except LineBroken as broken:
                self.trouble = str(broken)
                self._judge(sound=False)
                failures += 1
            except Exception as fault:
                # Nobody would start another outbox, and nobody hear this node.
                _log.exception("hints could not be sent")
                self.trouble = type(fault).__name__
                self._judge(sound=False)
                failures += 1
            finally:
                await line.close()
            # A line may have died while nothing was said: what was to be said is said once more over a new one.
            if failures > 1:
                self._forget()
                await asyncio.sleep(min(PAUSE_S * failures, MAX_PAUSE_S))

    async def _send(self, line: RedisLine) -> None:
        batch = self._batch()
        answers = await line.ask([(self._verb, channel, payload) for channel, payload in batch])
        for _, payload in batch:
            self._waiting.popleft()
            self._bytes -= len(payload)
        if not self._waiting:
            self._something.clear()
        # Refused: its slot is elsewhere now, or Redis will not have it. The others find out by themselves.
        refused = sum(isinstance(answer, ResponseError) for answer in answers)
        self._counts["sent"] += len(batch) - refused
        self._counts["dropped_refused"] += refused
        self.trouble = "refused" if refused else ""
        self._judge(sound=not refused)

    def _batch(self) -> list[tuple[str, bytes]]:
        """What is sent together; it waits on until it is answered."""
        batch: list[tuple[str, bytes]] = []
        size = 0
        for channel, payload in islice(self._waiting, BATCH):
            size += len(payload)
            if batch and size > BATCH_BYTES:
                break
            batch.append((channel, payload))
        return batch

    def _judge(self, *, sound: bool) -> None:
        if sound is not self.sound:
            self.sound = sound
            self._changed()

    def _forget(self) -> None:
        """What waits is late by now: the other nodes have looked at the store meanwhile."""
        self._counts["dropped_away"] += len(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        self._something.clear()
