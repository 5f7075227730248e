"""What a store says of itself: version, schema, how durable its commits are, its clock, who could sign in how."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.engine import make_url

from kernel.refusals import Refusal
from persistence.epochs import postgres_fingerprint
from persistence.looking import look
from persistence.migrate import current_revision, revisions
from persistence.migrations import HEAD
from persistence.schema import account

# As the database has them by default; a server's own connections ask for `synchronous_commit=on`.
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """`clock_ms` is how far the store's clock is ahead of ours, None where it has none of its own.

    `schema` is None before the first migration; `newer` if this version does not know it. `connections` is how many
    the database allows, None where that is no question. `encrypted` is None where no network lies between.
    `tells_timeline`: whether a fail-over can be told by it, None where there is none.
    """

    engine: str
    version: tuple[int, ...]
    schema: str | None
    newest: str = HEAD
    newer: bool = False
    settings: tuple[tuple[str, str], ...] = ()
    clock_ms: int | None = None
    connections: int | None = None
    encrypted: bool | None = None
    tells_timeline: bool | None = None
    password_hashes: tuple[tuple[str, str], ...] = ()

    @property
    def version_text(self) -> str:
        return ".".join(map(str, self.version))


def store_facts(url: str, usernames: Collection[str]) -> StoreFacts:
    """Asks the store at `url`; the hashes are those of `usernames`. Raises as `look` does."""
    if make_url(url).get_backend_name() == "sqlite":
        return look(url, lambda connection: _sqlite(connection, usernames))
    return look(url, lambda connection: _postgres(connection, usernames))


def _sqlite(connection: Connection, usernames: Collection[str]) -> StoreFacts:
    mode = str(connection.execute(text("PRAGMA journal_mode")).scalar_one())
    schema = current_revision(connection)
    return StoreFacts(
        engine="sqlite",
        version=sqlite3.sqlite_version_info,
        schema=schema,
        newer=_newer(schema),
        settings=(("journal_mode", mode),),
        password_hashes=_hashes(connection, usernames),
    )


def _postgres(connection: Connection, usernames: Collection[str]) -> StoreFacts:
    def setting(name: str) -> str:
        return str(connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one())

    number = int(setting("server_version_num"))
    schema = current_revision(connection)
    return StoreFacts(
        engine="postgresql",
        version=(number // 10_000, number % 10_000),
        schema=schema,
        newer=_newer(schema),
        settings=tuple((name, setting(name)) for name in _DURABLE),
        clock_ms=_clock(connection),
        connections=int(setting("max_connections")),
        encrypted=_encrypted(connection),
        password_hashes=_hashes(connection, usernames),
        tells_timeline=_tells_timeline(connection),
    )


def _newer(schema: str | None) -> bool:
    return schema is not None and schema != HEAD and schema not in revisions()


def _clock(connection: Connection) -> int:
    """Its answer belongs to the middle of asking and hearing."""
    asked = time.time()
    told = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
    return round((float(told) - (asked + time.time()) / 2) * 1000)


def _tells_timeline(connection: Connection) -> bool | None:
    try:
        return postgres_fingerprint(connection) is not None
    except Refusal:
        return None


def _encrypted(connection: Connection) -> bool | None:
    row = connection.execute(
        text(
            "SELECT inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr() AS near, ssl "
            "FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        )
    ).one()
    return None if row.near else bool(row.ssl)


def _hashes(connection: Connection, usernames: Collection[str]) -> tuple[tuple[str, str], ...]:
    if not inspect(connection).has_table(account.name):
        return ()
    query = select(account.c.username, account.c.password_hash).where(
        account.c.username.in_(usernames), account.c.disabled.is_(False)
    )
    return tuple((row.username, row.password_hash) for row in connection.execute(query.order_by(account.c.username)))
