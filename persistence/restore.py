"""An archive into a store, all of it or nothing: one transaction, checked to the last digest before it is committed.

The tables are made as they were when the archive was written, filled, and then migrated. Then every lane gets a new
epoch: what was published after the backup is gone and its numbers will be given again, so every position that a client
or a node still holds is void.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, TypeVar

from sqlalchemy import (
    JSON,
    Connection,
    Insert,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import AddConstraint, DropConstraint

from persistence.archive import ArchiveReader, BadArchive, Section, Sums
from persistence.backup import tables_of
from persistence.database_sqlite import sqlite_path
from persistence.epochs import begin_anew
from persistence.looking import reason
from persistence.migrate import current_revision, move_to, on_connection, revisions
from persistence.migrations import HEAD
from persistence.single_server import ServerLock

T = TypeVar("T")

_ROWS_AT_ONCE = 200
# A server makes the secret of the deployment before anybody has done anything.
_MADE_BY_ITSELF = frozenset({"deployment"})


class NotRestored(Exception):
    """The store is not as a restore needs it, and unchanged; the message is one line."""


def restore(url: str, source: IO[bytes], *, replace: bool) -> Sums:
    """Fills an empty store, or with `replace` one that holds something: that is lost.

    Raises `NotRestored`, `BadArchive`, and `AlreadyServed` while a server has the SQLite file; the store is then as it
    was before.
    """
    archive = ArchiveReader(source)
    if archive.header.schema not in revisions():
        raise BadArchive(
            f"the archive is of schema {archive.header.schema}, this version knows {HEAD} and older: "
            f"restore with version {archive.header.version} or newer"
        )
    return _alone(url, lambda connection: _restore(connection, archive, replace=replace))


def renew_all_epochs(url: str) -> None:
    """For a database that was restored by its own tools. Raises `NotRestored` and `AlreadyServed` as `restore` does."""

    def renew(connection: Connection) -> None:
        _require_no_server(connection)
        if current_revision(connection) != HEAD:
            raise NotRestored("the store is not at the schema of this version: run `wenzheng migrate` first")
        begin_anew(connection)

    if make_url(url).get_backend_name() == "sqlite" and not sqlite_path(url).is_file():
        raise NotRestored(f"there is no store at {sqlite_path(url)}")
    _alone(url, renew)


def check(source: IO[bytes]) -> tuple[ArchiveReader, Sums]:
    """Reads an archive to its end and answers what is in it. Raises `BadArchive`."""
    archive = ArchiveReader(source)
    for section in archive.sections():
        for _ in section.rows:
            pass
    assert archive.sums is not None
    return archive, archive.sums


def _alone(url: str, work: Callable[[Connection], T]) -> T:
    """One transaction while no server is on the store; on PostgreSQL `work` asks, on SQLite the lock tells."""
    if make_url(url).get_backend_name() != "sqlite":
        return on_connection(url, work)
    lock = ServerLock(sqlite_path(url))
    try:
        return on_connection(url, work)
    finally:
        lock.release()


def _restore(connection: Connection, archive: ArchiveReader, *, replace: bool) -> Sums:
    _require_no_server(connection)
    _make_room(connection, replace=replace)
    move_to(connection, archive.header.schema)
    _fill(connection, archive)
    move_to(connection, HEAD)
    begin_anew(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))
    assert archive.sums is not None
    return archive.sums


def _require_no_server(connection: Connection) -> None:
    """On SQLite the lock has told; on PostgreSQL every server's connections say their name."""
    if connection.dialect.name != "postgresql":
        return
    others = connection.execute(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'wenzheng' AND pid <> pg_backend_pid()"
        )
    ).scalar_one()
    if others:
        raise NotRestored(f"a server is connected to this database ({others} connections): stop every server first")


def _make_room(connection: Connection, *, replace: bool) -> None:
    here = current_revision(connection)
    if here is None:
        return
    if not replace:
        held = [table.name for table in tables_of(connection) if _holds(connection, table)]
        if held:
            raise NotRestored(f"the store is not empty ({', '.join(held[:3])} …): --replace deletes what is there")
    move_to(connection, "base")


def _holds(connection: Connection, table: Table) -> bool:
    if table.name in _MADE_BY_ITSELF:
        return False
    return connection.execute(select(func.count()).select_from(select(table).limit(1).subquery())).scalar_one() > 0


def _fill(connection: Connection, archive: ArchiveReader) -> None:
    tables = {table.name: table for table in tables_of(connection)}
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for section in archive.sections():
        table = tables.get(section.name)
        if table is None or set(section.columns) != set(table.columns.keys()):
            raise BadArchive(f"table {section.name} is not as schema {archive.header.schema} has it")
        with _without_references_to_itself(connection, table):
            _load(connection, table, section)
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise BadArchive(f"a row of table {broken[0]} refers to one that is missing")


def _load(connection: Connection, table: Table, section: Section) -> None:
    statement = _insert(connection, table)
    for batch in _batches(section.rows):
        try:
            connection.execute(statement, [dict(zip(section.columns, row, strict=True)) for row in batch])
        except SQLAlchemyError as fault:
            # Never the database's own words: they quote the row.
            raise BadArchive(f"a row of table {table.name} does not fit this store ({reason(fault)})") from None


def _insert(connection: Connection, table: Table) -> Insert:
    """JSON comes as text. SQLite keeps it so; there, a cast to JSON would be one to a number."""
    values: dict[str, Any] = {}
    for column in table.columns:
        given = bindparam(column.name, type_=Text() if isinstance(column.type, JSON) else column.type)
        as_json = isinstance(column.type, JSON) and connection.dialect.name != "sqlite"
        values[column.name] = cast(given, column.type) if as_json else given
    return insert(table).values(values)


def _batches(rows: Iterator[list[Any]]) -> Iterator[Sequence[list[Any]]]:
    batch: list[list[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def _without_references_to_itself(connection: Connection, table: Table) -> Iterator[None]:
    """A row may refer to a later one of its own table: PostgreSQL checks such references when all rows are there."""
    own = [key for key in table.foreign_key_constraints if key.referred_table is table]
    if connection.dialect.name == "sqlite" or not own:
        yield
        return
    for key in own:
        connection.execute(DropConstraint(key))
    yield
    try:
        for key in own:
            connection.execute(AddConstraint(key))
    except DBAPIError:
        raise BadArchive(f"a row of table {table.name} refers to one that is missing") from None
