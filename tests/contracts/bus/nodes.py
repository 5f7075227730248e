"""Nodes on one bus, as the hub is one: what they are told is written down, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.bus_redis import RedisBus, RedisBusOptions
from gateway.redis_link import RedisLink
from kernel.ids import RoomId
from rooms.model import Lane
from rooms.ports import Bus, Hint

SECRET = b"of all nodes of one store " * 2
ROOM = RoomId("room-1")
# Doubts come sooner than in a city, so that tests wait less.
QUICK = RedisBusOptions(probe_s=0.1)


class Node:
    """`heard` are hints in the order told; `gaps` counts the times it was told that it may have missed some."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.heard: list[Hint] = []
        self.gaps = 0
        self._news = asyncio.Event()
        self.leave = bus.subscribe(self._receive, self._gap)

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Looks again at whatever this node is told, and now and then: not everything is told."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._news.clear()
                await asyncio.wait([asyncio.get_running_loop().create_task(self._news.wait())], timeout=0.02)

    async def follow(self, room: RoomId = ROOM) -> None:
        """Returns when hints of others arrive."""
        if not isinstance(self.bus, RedisBus):
            self.bus.follow(room)
            return
        await self.until(lambda: self.bus.healthy)  # the gap of its start is behind it
        before = self.gaps
        self.bus.follow(room)
        await self.until(lambda: self.gaps > before)

    def _receive(self, hint: Hint) -> None:
        self.heard.append(hint)
        self._news.set()

    def _gap(self) -> None:
        self.gaps += 1
        self._news.set()


@asynccontextmanager
async def redis_node(url: str, prefix: str, options: RedisBusOptions = QUICK) -> AsyncIterator[Node]:
    """A node of its own, started, over its own connections."""
    bus = RedisBus(RedisLink(url, prefix), SECRET, options)
    await bus.start()
    try:
        yield Node(bus)
    finally:
        await bus.close()


def said(number: int = 1, room: RoomId = ROOM, lane: Lane = Lane.PUB, body: str = "你好") -> Hint:
    item = {"s": number, "k": "msg", "id": f"p{number}", "at": 1_000, "by": {"name": "小满"}, "body": body}
    return Hint(room, lane, "e", number, number, [item])
