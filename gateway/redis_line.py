"""One connection to one Redis, spoken to directly: no pool, no retry, and no wait without an end but listening."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from redis.exceptions import ResponseError

from gateway.redis_link import ANSWER_S, CONNECT_S, FAULTS, Address, RedisLink

Command: TypeAlias = tuple[str | bytes, ...]


class LineBroken(Exception):
    """The connection is of no more use."""


class RedisLine:
    """Open once, used by one writer and one reader at a time, closed once."""

    def __init__(self, link: RedisLink, address: Address | None = None, answer_s: float = ANSWER_S) -> None:
        self._connection = link.connection(address)
        self.host = address[0] if address else link.host
        self._answer_s = answer_s

    async def open(self) -> None:
        async with _breaking(CONNECT_S + self._answer_s):
            await self._connection.connect()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        with contextlib.suppress(*FAULTS):
            await self._connection.disconnect(nowait=True)

    async def send(self, commands: Sequence[Command]) -> None:
        """In one write; a Redis that takes no bytes breaks the line."""
        async with _breaking(self._answer_s):
            await self._connection.send_packed_command(self._connection.pack_commands(commands), check_health=False)

    async def read(self) -> Any:
        """The next answer or message, however long it takes; an error answered by Redis is a value."""
        async with _breaking(None):
            return await self._answer()

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """One answer for each command; an error answered by Redis is a value."""
        await self.send(commands)
        async with _breaking(self._answer_s):
            return [await self._answer() for _ in commands]

    async def _answer(self) -> Any:
        try:
            return await self._connection.read_response(timeout=math.inf)
        except ResponseError as refused:
            return refused


@contextlib.asynccontextmanager
async def _breaking(seconds: float | None) -> Any:
    """Whatever goes wrong on the way, or takes longer, is one thing to the caller."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except FAULTS as fault:
        raise LineBroken(f"{type(fault).__name__}") from fault
