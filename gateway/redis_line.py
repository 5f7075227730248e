"""One connection to one Redis, spoken to directly: no pool, no retry, and no wait without an end but listening."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, TypeAlias, cast

import hiredis
from redis.exceptions import InvalidResponse

from gateway.redis_hearing import Hear, Hearing
from gateway.redis_link import ANSWER_S, CONNECT_S, FAULTS, Address, RedisLink

Command: TypeAlias = tuple[str | bytes, ...]


class LineBroken(Exception):
    """The connection is of no more use."""


class RedisLine:
    """Open once, used by one that asks or by one that hears, closed once."""

    def __init__(self, link: RedisLink, address: Address | None = None, answer_s: float = ANSWER_S) -> None:
        self._connection = link.connection(address)
        self.host = address[0] if address else link.host
        self._answer_s = answer_s
        self._hearing: Hearing | None = None
        self._answers: list[Any] = []
        self._asked = 0
        self._complete: asyncio.Future[None] | None = None

    async def open(self, hear: Hear | None = None) -> None:
        """With `hear`, all that comes is told there in the moment it comes; whatever it raises breaks the line."""
        async with _breaking(CONNECT_S + self._answer_s):
            await self._connection.connect()  # type: ignore[no-untyped-call]
            writer = self._connection._writer
            # Nobody has asked for anything: what is there already is not Redis.
            if writer is None or await self._connection.can_read():
                raise InvalidResponse("unasked")
            self._hearing = Hearing(cast(asyncio.Transport, writer.transport), hear or self._hear_answers)

    async def close(self) -> None:
        if self._hearing is not None:
            self._hearing.end(LineBroken("closed"))
        with contextlib.suppress(*FAULTS):
            await self._connection.disconnect(nowait=True)

    async def send(self, commands: Sequence[Command]) -> None:
        """In one write; a Redis that takes no bytes breaks the line."""
        async with _breaking(self._answer_s):
            # Its stub means a tuple of any length and says one of length one.
            packed = b"".join([hiredis.pack_command(command) for command in commands])  # type: ignore[arg-type]
            await self._connection.send_packed_command(packed, check_health=False)

    async def ended(self) -> None:
        """However long it takes; raises why."""
        assert self._hearing is not None, "not open"
        async with _breaking(None):
            await asyncio.shield(self._hearing.ended)

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """One answer for each command; an error answered by Redis is a value. Not on a line that hears."""
        assert self._hearing is not None, "not open"
        self._asked, self._complete = len(commands), asyncio.get_running_loop().create_future()
        await self.send(commands)
        async with _breaking(self._answer_s):
            await asyncio.wait((self._complete, self._hearing.ended), return_when=asyncio.FIRST_COMPLETED)
            if not self._complete.done():
                self._hearing.ended.result()
        answers, self._answers = self._answers, []
        return answers

    def _hear_answers(self, said: list[Any]) -> None:
        self._answers += said
        if self._complete is None or len(self._answers) > self._asked:
            raise InvalidResponse("unasked")
        if len(self._answers) == self._asked and not self._complete.done():
            self._complete.set_result(None)


@contextlib.asynccontextmanager
async def _breaking(seconds: float | None) -> Any:
    """Whatever goes wrong on the way, or takes longer, is one thing to the caller."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except FAULTS as fault:
        raise LineBroken(f"{type(fault).__name__}") from fault
