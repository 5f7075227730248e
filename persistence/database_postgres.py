"""PostgreSQL through SQLAlchemy's asyncio engine over asyncpg: bounded pools, and every wait with an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from kernel.refusals import Refusal
from kernel.tasks import spawn

T = TypeVar("T")

READ_CONNECTIONS = 6
WRITE_CONNECTIONS = 4
WAITING = 512
CONNECT_S = 5.0
POOL_S = 5.0
READ_S = 8.0
PING_S = 2.0
TRIES = 6

# Deadlock, serialization failure: the same work, begun afresh, may pass.
_AGAIN = frozenset({"40P01", "40001"})
# Starting up, shutting down, no room, too slow, a lock that did not come free, a standby: not now.
_NOT_NOW = frozenset({"57P01", "57P02", "57P03", "57014", "53300", "55P03", "25006", "53100", "53200"})


class PostgresDatabase:
    """Reads and writes have connections of their own: a rush of readers keeps no post from being stored."""

    def __init__(self, url: str) -> None:
        self._reading = _engine(url, READ_CONNECTIONS)
        self._writing = _engine(url, WRITE_CONNECTIONS)
        self._repeatable = self._reading.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._under_way = 0

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self._answered(self._read(query), READ_S)

    async def _read(self, query: Callable[[Connection], T]) -> T:
        async with self._repeatable.connect() as connection, connection.begin():
            return await connection.run_sync(query)

    async def write(self, change: Callable[[Connection], T]) -> T:
        """A COMMIT is never cancelled: the work belongs to a task of its own, not to whoever asked."""
        if self._under_way >= WAITING:
            raise Refusal("unavailable")
        return await asyncio.shield(spawn(self._write(change), name="postgres-write"))

    async def _write(self, change: Callable[[Connection], T]) -> T:
        self._under_way += 1
        try:
            for n in range(TRIES):
                try:
                    async with self._writing.begin() as connection:
                        return await connection.run_sync(change)
                except DBAPIError as failure:
                    if _state(failure) not in _AGAIN or n == TRIES - 1:
                        raise
            raise Refusal("unavailable")
        except Exception as failure:
            raise _refused(failure) from failure
        finally:
            self._under_way -= 1

    async def ping(self) -> None:
        await self._answered(self._read(lambda connection: connection.execute(text("SELECT 1")).scalar_one()), PING_S)

    async def close(self) -> None:
        await self._reading.dispose()
        await self._writing.dispose()

    async def _answered(self, work: Awaitable[T], seconds: float) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except Exception as failure:
            raise _refused(failure) from failure


def _refused(failure: Exception) -> Exception:
    """`unavailable` where the database did not answer; anything else is somebody's mistake and stays what it is."""
    if isinstance(failure, TimeoutError | OSError | PoolTimeout):
        return Refusal("unavailable")
    if isinstance(failure, DBAPIError):
        gone = failure.connection_invalidated or _state(failure) in _AGAIN | _NOT_NOW or _state(failure)[:2] == "08"
        return Refusal("unavailable") if gone or not _state(failure) else failure
    return failure


def _state(failure: SQLAlchemyError) -> str:
    return getattr(getattr(failure, "orig", None), "sqlstate", None) or ""


def driver_url(url: str) -> URL:
    """`postgresql://…`, whatever driver it names, over asyncpg."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def _engine(url: str, connections: int) -> AsyncEngine:
    settings = {
        "application_name": "wenzheng",
        "statement_timeout": "6000",
        "lock_timeout": "4000",
        "idle_in_transaction_session_timeout": "15000",
        "synchronous_commit": "on",
    }
    return create_async_engine(
        driver_url(url),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_S,
        pool_recycle=1_800,
        connect_args={"timeout": CONNECT_S, "server_settings": settings},
    )


@asynccontextmanager
async def migration_connection(url: str) -> AsyncIterator[AsyncConnection]:
    """One transaction without a time limit: a migration takes as long as it takes."""
    engine = create_async_engine(driver_url(url), poolclass=NullPool, connect_args={"timeout": CONNECT_S})
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()
