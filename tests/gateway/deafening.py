"""A way to Redis on which subscriptions go deaf: they stay open, take what is sent, and bring nothing any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Deafening:
    """`deafen` befalls the subscriptions there are; those made afterwards hear."""

    def __init__(self, target: int) -> None:
        self.url = ""
        self._target = target
        self._subscriptions: set[asyncio.StreamWriter] = set()
        self._deaf: set[asyncio.StreamWriter] = set()

    def deafen(self) -> None:
        self._deaf |= self._subscriptions

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forth(writer, reader, behind[1]))
                group.create_task(self._back(behind[0], writer))
        except* OSError:
            pass
        finally:
            for end in (writer, behind[1]):
                end.close()

    async def _forth(self, us: asyncio.StreamWriter, ours: asyncio.StreamReader, its: asyncio.StreamWriter) -> None:
        while said := await ours.read(65_536):
            if b"SUBSCRIBE" in said:
                self._subscriptions.add(us)
            its.write(said)
        raise ConnectionResetError

    async def _back(self, server: asyncio.StreamReader, us: asyncio.StreamWriter) -> None:
        while said := await server.read(65_536):
            if us not in self._deaf:
                us.write(said)
        raise ConnectionResetError


@asynccontextmanager
async def deafening(target: int) -> AsyncIterator[Deafening]:
    """In front of the Redis on the port `target` of this machine."""
    way = Deafening(target)
    server = await asyncio.start_server(way.accept, "127.0.0.1", 0)
    way.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield way
    finally:
        server.close()
