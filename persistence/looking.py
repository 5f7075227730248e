"""One read-only look at a store for the tools beside the server: a single moment, no lock, nothing made or changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from persistence.database_sqlite import reading_engine, sqlite_path
from persistence.migrate import run_apart

T = TypeVar("T")

# What a database throws that is away, refuses us, or does not understand us. `OSError` includes time-outs.
FAULTS = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class NoStore(Exception):
    """There is no store, or nothing was ever in it; the message is one line."""


def look(url: str, work: Callable[[Connection], T]) -> T:
    """Runs `work` in one read transaction: readers and writers go on, and it sees none of what they do meanwhile.

    Raises `NoStore` where there is no SQLite file, otherwise one of `FAULTS`.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _on_sqlite(url, work)
    from persistence.database_postgres import snapshot_connection

    async def on_postgres() -> T:
        async with snapshot_connection(url) as connection:
            return await connection.run_sync(work)

    return run_apart(on_postgres)


def reason(fault: BaseException) -> str:
    """Why, in a few words that can be shown: never the database's own, which quote rows and addresses."""
    cause: BaseException = getattr(fault, "orig", None) or fault
    cause = cause.__cause__ or cause
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause).__name__


def _on_sqlite(url: str, work: Callable[[Connection], T]) -> T:
    if not sqlite_path(url).is_file():
        raise NoStore(f"there is no store at {sqlite_path(url)}")
    engine = reading_engine(url)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()
