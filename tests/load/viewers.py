"""Many people watching one room: sockets that apply the client rule, count and measure, and hold nothing else."""

from __future__ import annotations

import asyncio
import time
from typing import cast

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

# A message is the same for everybody: it is decoded once and looked up by the others.
DECODED_MAX = 64
OPENING_AT_ONCE = 50
MS = 1000
LATENCY_MAX_MS = 60_000


class Latencies:
    """A histogram with a bucket for each millisecond: as small after an hour as after a minute."""

    def __init__(self) -> None:
        self.count = 0
        self._buckets: dict[int, int] = {}

    def add(self, seconds: float) -> None:
        bucket = min(int(seconds * MS), LATENCY_MAX_MS)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1
        self.count += 1

    def percentile(self, share: float) -> int:
        """In milliseconds."""
        left = self.count * share
        for bucket in sorted(self._buckets):
            left -= self._buckets[bucket]
            if left <= 0:
                return bucket
        return 0


class Audience:
    """`approved` says when each post was let through; what comes after counts from there."""

    def __init__(self, base: str, room: str) -> None:
        self.url = base.replace("http", "ws", 1) + "/ws"
        self.room = room
        self.approved: dict[str, float] = {}
        self.latencies = Latencies()
        self.delivered = 0
        self.troubles: list[str] = []
        self.applied: dict[int, int] = {}
        self._decoded: dict[str, list[tuple[int, str]]] = {}
        self._gate = asyncio.Semaphore(OPENING_AT_ONCE)
        self._watching: list[asyncio.Task[None]] = []
        self._sockets: list[ClientConnection] = []

    async def come(self, viewers: int) -> None:
        """Returns when everybody has the room on screen."""
        await asyncio.gather(*(self._enter(number) for number in range(viewers)))

    async def go(self) -> None:
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await asyncio.gather(*(socket.close() for socket in self._sockets), return_exceptions=True)

    async def _enter(self, number: int) -> None:
        async with self._gate:
            socket = await connect(
                self.url,
                subprotocols=[cast(Subprotocol, "wenzheng.v1.json")],
                proxy=None,
                compression=None,
                ping_interval=None,
                open_timeout=60,
            )
            self._sockets.append(socket)
            await socket.send(
                orjson.dumps(
                    [
                        {"t": "hello", "id": "h"},
                        {"t": "join", "id": "j", "room": self.room, "tail": 1},
                    ]
                ).decode()
            )
            while number not in self.applied:
                for frame in orjson.loads(await socket.recv()):
                    if frame["t"] == "err":
                        raise AssertionError(f"viewer {number}: {frame}")
                    if frame["t"] == "snap":
                        self.applied[number] = frame["head"]
        self._watching.append(asyncio.create_task(self._watch(number, socket)))  # noqa: TID251 - kept in the list

    async def _watch(self, number: int, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                text = cast(str, message)
                if text.startswith('[{"t":"ev"'):
                    self._apply(number, self._items(text))
                elif '"t":"reset"' in text or '"t":"bye"' in text:
                    self.troubles.append(f"viewer {number}: {text[:200]}")
            self.troubles.append(f"viewer {number} was closed with {socket.close_code}")
        except ConnectionClosed as lost:
            self.troubles.append(f"viewer {number} was dropped: {lost}")

    def _apply(self, number: int, items: list[tuple[int, str]]) -> None:
        now = time.monotonic()
        for seq, post in items:
            if seq <= self.applied[number]:
                continue
            if seq != self.applied[number] + 1:
                self.troubles.append(f"viewer {number} has a hole before {seq}")
            self.applied[number] = seq
            self.delivered += 1
            if post in self.approved:
                self.latencies.add(now - self.approved[post])

    def _items(self, text: str) -> list[tuple[int, str]]:
        known = self._decoded.get(text)
        if known is None:
            if len(self._decoded) >= DECODED_MAX:
                self._decoded.pop(next(iter(self._decoded)))
            items = [item for frame in orjson.loads(text) if frame["t"] == "ev" for item in frame["x"]]
            known = self._decoded[text] = [(item["s"], item["id"] if item["k"] == "msg" else "") for item in items]
        return known
