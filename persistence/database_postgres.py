"""PostgreSQL through SQLAlchemy's asyncio engine over asyncpg: bounded pools, and every wait with an end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from kernel.refusals import Refusal
from kernel.tasks import spawn
from persistence.database import ENGINE
from persistence.epochs import is_settled, postgres_fingerprint, settle

T = TypeVar("T")

READ_CONNECTIONS = 6
WRITE_CONNECTIONS = 4
WAITING = 512
CONNECT_S = 2.0
# Longer than the server's own statement limit: that one speaks first while the server lives.
READ_S = 4.5
WRITE_S = 6.0
PING_S = 2.0
CLOSE_S = 3.0
MIGRATE_CONNECT_S = 5.0
TRIES = 6

# Deadlock, serialization failure: the same work, begun afresh, may pass.
_AGAIN = frozenset({"40P01", "40001"})
# Starting up, shutting down, no room, too slow, a lock that did not come free, a standby: not now.
_NOT_NOW = frozenset({"57P01", "57P02", "57P03", "57014", "53300", "55P03", "25006", "53100", "53200"})


# Seconds of quiet before asking, between askings, askings; milliseconds that sent bytes may stay unacknowledged.
_LINE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}

_RECOGNISED = "wenzheng recognised"

_log = logging.getLogger(__name__)


class PostgresDatabase:
    """Reads and writes have connections of their own: a rush of readers keeps no post from being stored."""

    def __init__(self, url: str) -> None:
        self._reading = _engine(url, READ_CONNECTIONS)
        self._writing = _engine(url, WRITE_CONNECTIONS)
        self._idle = {engine: _Idle(engine) for engine in (self._reading, self._writing)}
        self._repeatable = self._reading.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._under_way = 0
        self._fingerprint: str | None = None  # as found last

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self._read(query, READ_S)

    async def _read(self, query: Callable[[Connection], T], seconds: float) -> T:
        deadline = _now() + seconds
        try:
            for n in range(TRIES):
                try:
                    async with (
                        _connected(self._repeatable, self._idle[self._reading], deadline) as connection,
                        connection.begin(),
                    ):
                        if await self._settled_on(connection):
                            return await connection.run_sync(query)
                    async with asyncio.timeout_at(deadline):
                        self._fingerprint = await self.write(self._settle)
                except DBAPIError as failure:
                    if not _may_pass(failure, deadline) or n == TRIES - 1:
                        raise
            raise Refusal("unavailable")
        except Exception as failure:
            raise _refused(failure) from failure

    async def write(self, change: Callable[[Connection], T]) -> T:
        """A COMMIT is never cancelled: the work belongs to a task of its own, not to whoever asked."""
        if self._under_way >= WAITING:
            raise Refusal("unavailable")
        # Counted here and not by the task: of those who come in one turn of the loop none has begun yet.
        self._under_way += 1
        outcome = await asyncio.shield(spawn(self._settled(change), name="postgres-write"))
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    async def _settled(self, change: Callable[[Connection], T]) -> T | Refusal:
        """A refusal is an outcome; what fails a task is a fault of ours, and logged as such."""
        try:
            return await self._write(change)
        except Refusal as refusal:
            return refusal
        finally:
            self._under_way -= 1

    async def _write(self, change: Callable[[Connection], T]) -> T:
        deadline = _now() + WRITE_S
        try:
            for n in range(TRIES):
                async with _connected(self._writing, self._idle[self._writing], deadline) as connection:
                    try:
                        await self._recognise(connection)
                        outcome = await connection.run_sync(change)
                    except DBAPIError as failure:
                        if not _may_pass(failure, deadline) or n == TRIES - 1:
                            raise
                        continue
                    # Beyond this point a lost connection means that nobody knows: it is not tried again.
                    await connection.commit()
                    return outcome
            raise Refusal("unavailable")
        except Exception as failure:
            raise _refused(failure) from failure

    async def _settled_on(self, connection: AsyncConnection) -> bool:
        """Before the first read on a connection: whether it leads to the database that the deployment knows (ADR 0012).

        A fail-over ends connections, so what was found once holds for as long as the connection does.
        """
        if _RECOGNISED not in connection.info and await _here(connection, is_settled):
            connection.info[_RECOGNISED] = True
        return _RECOGNISED in connection.info

    async def _recognise(self, connection: AsyncConnection) -> None:
        """Before the first write on a connection: if it leads elsewhere, the epochs end before all else."""
        if _RECOGNISED not in connection.info:
            present = await _here(connection, self._settle)
            await connection.commit()
            # Not before: a settlement that was not stored must be made again, by one who remembers as much.
            self._fingerprint = present
            connection.info[_RECOGNISED] = True

    def _settle(self, connection: Connection) -> str | None:
        present = postgres_fingerprint(connection)
        if present is None:
            return None  # it does not tell, and what this process remembers of the heads (`KnownHeads`) has to do
        if settle(connection, present, self._fingerprint):
            _log.error("the database is another than before (now %s): every lane begins a new epoch", present)
        return present

    async def ping(self) -> None:
        await self._read(lambda connection: connection.execute(text("SELECT 1")).scalar_one(), PING_S)

    async def close(self) -> None:
        # A server that hangs does not say goodbye either.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await asyncio.gather(self._reading.dispose(), self._writing.dispose())


class _Idle:
    """asyncpg's connections that lie in a pool.

    Where one did not answer, the others are likely to be as dead. Cut with it, they cost who needs one next nothing;
    the pool would say goodbye to each of them and wait two seconds for an answer.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._connections: set[Any] = set()
        event.listen(engine.sync_engine, "checkin", lambda held, record: self._lies(held))
        event.listen(engine.sync_engine, "checkout", lambda held, record, proxy: self._leaves(held))
        event.listen(engine.sync_engine, "close", lambda held, record: self._leaves(held))

    def cut(self) -> None:
        for connection in tuple(self._connections):
            connection.terminate()

    def _lies(self, held: Any) -> None:
        if held is not None:  # one that was invalidated
            self._connections.add(held.driver_connection)

    def _leaves(self, held: Any) -> None:
        self._connections.discard(held.driver_connection)


@asynccontextmanager
async def _connected(engine: AsyncEngine, idle: _Idle, deadline: float) -> AsyncIterator[AsyncConnection]:
    """A connection that is cut at `deadline`, a time of the loop.

    Cut, not asked: a server that hangs hears no request to cancel, and a COMMIT must never be asked to stop. What it
    was doing then has an outcome that nobody knows.
    """
    async with asyncio.timeout_at(deadline):
        connection = await engine.connect()
    driver = _driver(connection)

    def give_up() -> None:
        driver.terminate()
        idle.cut()

    cut = asyncio.get_running_loop().call_at(deadline, give_up)
    try:
        yield connection
    finally:
        try:
            await connection.close()
        finally:
            cut.cancel()


async def _here(connection: AsyncConnection, look: Callable[[Connection], T]) -> T:
    """On a standby it raises `unavailable`, and the next connection may reach whoever took over."""
    try:
        return await connection.run_sync(look)
    except Refusal:
        await connection.invalidate()
        raise


def _driver(connection: AsyncConnection) -> Any:
    """asyncpg's own connection."""
    raw = connection.sync_connection
    assert raw is not None
    return raw.connection.driver_connection


def _now() -> float:
    return asyncio.get_running_loop().time()


def _refused(failure: Exception) -> Exception:
    """`unavailable` where the database did not answer; anything else is somebody's mistake and stays what it is."""
    if isinstance(failure, TimeoutError | OSError | PoolTimeout):
        return Refusal("unavailable")
    if isinstance(failure, DBAPIError):
        gone = failure.connection_invalidated or _state(failure) in _AGAIN | _NOT_NOW or _state(failure)[:2] == "08"
        return Refusal("unavailable") if gone or not _state(failure) else failure
    return failure


def _may_pass(failure: DBAPIError, deadline: float) -> bool:
    """Before its COMMIT, work that met a deadlock or a connection that had died unnoticed may be begun afresh."""
    return _now() < deadline and (failure.connection_invalidated or _state(failure) in _AGAIN)


def _state(failure: SQLAlchemyError) -> str:
    return getattr(getattr(failure, "orig", None), "sqlstate", None) or ""


def driver_url(url: str) -> URL:
    """`postgresql://…`, whatever driver it names, over asyncpg."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def _engine(url: str, connections: int) -> AsyncEngine:
    settings = {
        "application_name": "wenzheng",
        "statement_timeout": "4000",
        # Whoever holds a room's lock and is frozen loses it before those who wait for it give up.
        "idle_in_transaction_session_timeout": "2000",
        "lock_timeout": "3500",
        "synchronous_commit": "on",
    }
    engine = create_async_engine(
        driver_url(url),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WRITE_S,
        pool_recycle=1_800,
        connect_args={"timeout": CONNECT_S, "server_settings": settings},
        **ENGINE,
    )
    event.listen(engine.sync_engine, "connect", _notice_silence)
    return engine


def _notice_silence(connection: Any, record: Any) -> None:
    """A server that vanished without a word would hold a committer for as long as TCP tries: a quarter of an hour."""
    transport = getattr(connection.driver_connection, "_transport", None)
    raw = transport.get_extra_info("socket") if transport is not None else None
    if raw is None or raw.family not in (socket.AF_INET, socket.AF_INET6):
        return
    with socket.socket(fileno=os.dup(raw.fileno())) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _LINE.items():
            if hasattr(socket, name):
                line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


@asynccontextmanager
async def migration_connection(url: str) -> AsyncIterator[AsyncConnection]:
    """One transaction without a time limit: a migration takes as long as it takes."""
    engine = create_async_engine(driver_url(url), poolclass=NullPool, connect_args={"timeout": MIGRATE_CONNECT_S})
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def snapshot_connection(url: str) -> AsyncIterator[AsyncConnection]:
    """One read-only view of a single moment, for as long as a backup takes; it keeps nobody from writing."""
    settings = {
        "application_name": "wenzheng-backup",
        "statement_timeout": "0",
        "idle_in_transaction_session_timeout": "0",
    }
    engine = create_async_engine(
        driver_url(url),
        poolclass=NullPool,
        connect_args={"timeout": CONNECT_S, "server_settings": settings},
        execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    )
    event.listen(engine.sync_engine, "connect", _notice_silence)
    try:
        async with engine.connect() as connection, connection.begin():
            yield connection
    finally:
        await engine.dispose()
