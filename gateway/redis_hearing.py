"""The reading side of one connection to Redis: all that one read brings is handed over at once, before any task runs.

The library connects and authenticates. Then this stands before its own protocol, which goes on hearing of the end, and
when to write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import hiredis
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import InvalidResponse, ResponseError

# The parser moves what it has not read yet after each message: of a long read it gets a piece at a time.
PIECE: Final = 8 * 1024
# After a read of so many bytes others on the loop have their turn before the next; the kernel holds the rest.
TURN_BYTES: Final = 64 * 1024
# One answer this long, or half of one, is of no use to anybody here.
MAX_UNFINISHED: Final = 16 * 1024 * 1024

_NOTHING: Final = object()

Hear: TypeAlias = Callable[[list[Any]], None]  # answers and messages, in order; an error of Redis is a value


class Hearing(asyncio.Protocol):
    """`hear` gets all that comes from now on, until `ended` has the fault that ended it; it never has a result."""

    def __init__(self, transport: asyncio.Transport, hear: Hear) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # The end may come when nobody waits for it any more.
        self.ended.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        self._hear = hear
        self._transport = transport
        self._before = transport.get_protocol()
        self._reader = hiredis.Reader(protocolError=InvalidResponse, replyError=ResponseError, notEnoughData=_NOTHING)
        transport.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        if self.ended.done():
            return
        if len(data) >= TURN_BYTES:
            self._transport.pause_reading()
            self.ended.get_loop().call_soon(self._go_on)
        try:
            said = self._understood(data)
            if said:
                self._hear(said)
        except Exception as fault:
            self.end(fault)

    def _understood(self, data: bytes) -> list[Any]:
        said: list[Any] = []
        reader = self._reader
        gets, add, size = reader.gets, said.append, len(data)
        for start in range(0, size, PIECE):
            reader.feed(data, start, min(PIECE, size - start))
            while (one := gets()) is not _NOTHING:
                add(one)
        if reader.len() > MAX_UNFINISHED:
            raise InvalidResponse("too long")
        return said

    def _go_on(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def end(self, fault: BaseException) -> None:
        """Nothing is heard any more. The first reason counts."""
        if not self.ended.done():
            self.ended.set_exception(fault)

    # --- for whoever writes ------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        self._before.pause_writing()

    def resume_writing(self) -> None:
        self._before.resume_writing()

    def eof_received(self) -> bool:
        self.end(RedisAway("closed"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(exc or RedisAway("closed"))
        self._before.connection_lost(exc)
