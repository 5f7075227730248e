"""Brings a database to the newest schema, one process at a time, and says whether it is there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url

from persistence.database_sqlite import sqlite_path, writing_engine
from persistence.migrations import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")

# Whoever migrates holds this lock on PostgreSQL; the number only has to be ours.
_LOCK = 0x77656E7A68656E67


def migrate(url: str) -> None:
    """Runs the missing steps; on a current database it only looks. A second process waits, then finds them done."""
    on_connection(url, _bring_up)


def step(url: str, revision: str) -> None:
    """Goes up or down to one revision (`base` is before the first)."""
    on_connection(url, lambda connection: move_to(connection, revision))


def current_revision(connection: Connection) -> str | None:
    """Where this database stands, None before the first step."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings, in code: an installed wheel carries no ini file."""
    config = _scripts()
    config.attributes["connection"] = connection
    return config


def _scripts() -> Config:
    # Alembic is slow to import, and a current database does not need it.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _bring_up(connection: Connection) -> None:
    if current_revision(connection) != HEAD:
        move_to(connection, HEAD)


def revisions() -> list[str]:
    """Every step this version knows, the first one first."""
    from alembic.script import ScriptDirectory

    return [one.revision for one in ScriptDirectory.from_config(_scripts()).walk_revisions()][::-1]


def move_to(connection: Connection, revision: str) -> None:
    """Goes up or down to `revision` in the transaction that is open."""
    from alembic import command

    config = alembic_config(connection)
    steps = revisions()
    here = current_revision(connection)
    if here is not None and here not in steps:
        raise RuntimeError(f"the database is at schema {here}, newer than this version of Wenzheng knows")
    if revision == "base" or (here is not None and steps.index(here) > steps.index(revision)):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def on_connection(url: str, work: Callable[[Connection], T]) -> T:
    """Runs `work` in one transaction that no other migration interrupts."""
    if make_url(url).get_backend_name() == "sqlite":
        return _on_sqlite(url, work)
    from persistence.database_postgres import migration_connection

    async def on_postgres() -> T:
        async with migration_connection(url) as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            return await connection.run_sync(work)

    return run_apart(on_postgres)


def _on_sqlite(url: str, work: Callable[[Connection], T]) -> T:
    """`BEGIN IMMEDIATE` is the lock: the whole migration is one transaction."""
    sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    engine = writing_engine(url)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


def run_apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Runs a coroutine to its end on a thread of its own: the caller may, or may not, be on an event loop."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(work()))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name="migrate")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]
