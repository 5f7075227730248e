"""Bounded queues of waiting commands, one for each stream of the log."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from kernel.refusals import Refusal
from moderation.commands import Command, Outcome

BATCH_MAX = 64
STREAM_MAX = 2_048  # waiting commands of one stream
QUEUE_MAX = 8_192  # and of all
RETRY_MS = 1_000
# Turns of the event loop before a batch is closed. Of commands sent at one instant the first is here before the others
# are read: alone it would cost a commit, and a message on every screen, of its own. A turn takes microseconds.
GATHER_TURNS = 2


@dataclass(slots=True)
class Waiting:
    """A command and whoever waits for its outcome; `given_up`: has been told that nobody knows it."""

    command: Command
    answer: asyncio.Future[Outcome]
    given_up: bool = False


class Streams:
    """A stream is ready when something waits in it and none of its batches is under way.

    One batch of a stream at a time: two would only wait for each other's locks.
    """

    def __init__(self, *, stream_max: int = STREAM_MAX, queue_max: int = QUEUE_MAX, batch_max: int = BATCH_MAX) -> None:
        self._batch_max = batch_max
        self._stream_max = stream_max
        self._queue_max = queue_max
        self._queues: dict[str, deque[Waiting]] = {}
        # Every ready stream has a command waiting, so this is bounded by what may wait.
        self._ready: asyncio.Queue[str | None] = asyncio.Queue()
        self._busy: set[str] = set()
        self._size = 0
        self._open = True
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, stream: str, waiting: Waiting) -> None:
        """Raises `queue_full`, and `unavailable` once closed."""
        if not self._open:
            raise Refusal("unavailable")
        queue = self._queues.get(stream)
        if self._size >= self._queue_max or (queue is not None and len(queue) >= self._stream_max):
            raise Refusal("queue_full", retry_ms=RETRY_MS)
        if queue is None:
            queue = self._queues[stream] = deque()
        queue.append(waiting)
        self._size += 1
        self._idle.clear()
        if len(queue) == 1 and stream not in self._busy:
            self._ready.put_nowait(stream)

    async def take(self) -> tuple[str, list[Waiting]] | None:
        """What waits in the next ready stream; None once closed and empty. Give the stream back with `done`."""
        stream = await self._ready.get()
        if stream is None:
            return None
        for _ in range(GATHER_TURNS):
            await asyncio.sleep(0)
        queue = self._queues[stream]
        batch = [queue.popleft() for _ in range(min(len(queue), self._batch_max))]
        self._size -= len(batch)
        self._busy.add(stream)
        return stream, batch

    def done(self, stream: str) -> None:
        self._busy.discard(stream)
        if self._queues[stream]:
            self._ready.put_nowait(stream)
        else:
            del self._queues[stream]
        if not self._queues:
            self._idle.set()

    async def drain(self, takers: int) -> None:
        """Takes nothing more in, lets everything end, then sends the takers home."""
        self._open = False
        await self._idle.wait()
        for _ in range(takers):
            self._ready.put_nowait(None)
