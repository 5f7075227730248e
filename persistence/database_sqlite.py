"""SQLite: one thread that writes, a few that read, and never two ways to hold the write lock.

The synchronous driver on threads of our own: asynchronous wrappers cost a thread hop for every statement, here it is
one for a whole transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from kernel.refusals import Refusal
from persistence.database import ENGINE

T = TypeVar("T")

READERS = 4
WAITING_READS = 512
WAITING_WRITES = 512
READ_S = 5.0
BUSY_MS = 5_000
# RETURNING came with 3.35.
OLDEST = (3, 35, 0)


class SqliteDatabase:
    """One file. `write` runs on the one writer thread, `read` on a small pool, each in a transaction of its own."""

    def __init__(self, url: str) -> None:
        require_sqlite()
        self._reading = reading_engine(url)
        self._writing = writing_engine(url)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-write")
        self._reads = 0
        self._writes = 0
        self._held: Connection | None = None  # the writer's own; to fetch it from the pool each time costs a tenth
        self._path = sqlite_path(url)
        self._file: tuple[int, int] | None = None

    async def read(self, query: Callable[[Connection], T]) -> T:
        if self._reads >= WAITING_READS:
            raise Refusal("unavailable")
        self._reads += 1
        work = asyncio.get_running_loop().run_in_executor(self._readers, partial(self._transact, self._reading, query))
        work.add_done_callback(self._read_done)
        try:
            async with asyncio.timeout(READ_S):
                return await work
        except (TimeoutError, OperationalError) as failure:
            raise Refusal("unavailable") from failure

    def _read_done(self, work: asyncio.Future[Any]) -> None:
        self._reads -= 1

    async def write(self, change: Callable[[Connection], T]) -> T:
        if self._writes >= WAITING_WRITES:
            raise Refusal("unavailable")
        self._writes += 1
        work = asyncio.get_running_loop().run_in_executor(self._writer, partial(self._write, change))
        work.add_done_callback(self._write_done)
        try:
            # The thread finishes what it began: a COMMIT is never cancelled with the caller.
            return await asyncio.shield(work)
        except OperationalError as failure:
            raise Refusal("unavailable") from failure

    def _write_done(self, work: asyncio.Future[Any]) -> None:
        self._writes -= 1
        if not work.cancelled():
            work.exception()  # a caller that went away leaves nobody to fetch it

    def _write(self, change: Callable[[Connection], T]) -> T:
        """On the writer's thread. A connection on which anything failed is given back and not used again."""
        connection = self._held = self._held or self._writing.connect()
        try:
            with connection.begin():
                self._require_our_file()
                return change(connection)
        except BaseException:
            self._held = None
            connection.close()
            raise

    def _transact(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        with engine.begin() as connection:
            self._require_our_file()
            return work(connection)

    def _require_our_file(self) -> None:
        """A file moved away or replaced goes on taking writes through its open descriptor, and nobody finds them again.

        Raises `unavailable` until the file is back; another one in its place needs a new start.
        """
        try:
            there = self._path.stat()
        except OSError as failure:
            raise Refusal("unavailable") from failure
        found = (there.st_dev, there.st_ino)
        self._file = self._file or found
        if found != self._file:
            raise Refusal("unavailable")

    async def ping(self) -> None:
        await self.read(lambda connection: connection.execute(text("SELECT 1")).scalar_one())

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, partial(self._writer.shutdown, wait=True))
        await loop.run_in_executor(None, partial(self._readers.shutdown, wait=True))
        if self._held is not None:
            self._held.close()
        self._reading.dispose()
        self._writing.dispose()


def require_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST:
        needed = ".".join(map(str, OLDEST))
        raise RuntimeError(f"SQLite {needed} or newer is needed, this Python has {sqlite3.sqlite_version}")


def sqlite_path(url: str) -> Path:
    """The file behind `sqlite:////absolute/path`."""
    database = make_url(url).database
    if not database or database == ":memory:":
        raise ValueError(f"{url!r} names no file; write sqlite:////absolute/path")
    return Path(database)


def writing_engine(url: str) -> Engine:
    """Takes the write lock when a transaction begins, so that nothing it has read changes before it writes."""
    engine = create_engine(_plain(url), pool_size=1, max_overflow=0, connect_args=_CONNECT, **ENGINE)
    event.listen(engine, "connect", _durable)
    event.listen(engine, "begin", partial(_begin, "BEGIN IMMEDIATE"))
    return engine


def reading_engine(url: str) -> Engine:
    engine = create_engine(_plain(url), pool_size=READERS, max_overflow=0, connect_args=_CONNECT, **ENGINE)
    event.listen(engine, "connect", _read_only)
    event.listen(engine, "begin", partial(_begin, "BEGIN DEFERRED"))
    return engine


# The pools hand a connection from thread to thread, never to two at once.
_CONNECT = {"check_same_thread": False, "timeout": BUSY_MS / 1000}


def _plain(url: str) -> URL:
    sqlite_path(url)
    return make_url(url).set(drivername="sqlite+pysqlite")


def _begin(statement: str, connection: Connection) -> None:
    connection.exec_driver_sql(statement)


def _durable(connection: Any, record: Any) -> None:
    _pragmas(connection, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


def _read_only(connection: Any, record: Any) -> None:
    _pragmas(connection, "query_only=ON")


def _pragmas(connection: Any, *pragmas: str) -> None:
    # The driver must not open transactions by itself: `_begin` decides which kind.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_MS}", *pragmas):
        connection.execute(f"PRAGMA {pragma}")
