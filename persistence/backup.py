"""A whole store into one archive while the server runs: one snapshot, table by table, on either database.

The tables are read as they stand in the database, not as this version declares them: a store that is still at an older
schema is backed up as it is, before it is migrated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

from sqlalchemy import JSON, Column, Connection, LargeBinary, MetaData, Table, Text, case, cast, select
from sqlalchemy.engine import make_url

from persistence.archive import ArchiveWriter, Header, Sums
from persistence.looking import NoStore, look
from persistence.migrate import current_revision
from rooms.sanctions import Via

# Nobody is signed in by a backup: who signed out since would be signed in again, and the file holds fewer secrets. From
# where people wrote is kept for days, a backup for years; so it holds no digest of a device or an address either.
LEFT_OUT = frozenset({"session", "ticket", "sighting"})
VERSION_TABLE = "alembic_version"
_ROWS_AT_ONCE = 200


def back_up(url: str, out: IO[bytes], *, version: str, at: int) -> tuple[Header, Sums]:
    """Writes the archive of the store at `url`; raises as `look` does.

    Readers and writers go on; memory holds some hundred rows.
    """
    engine = make_url(url).get_backend_name()

    def write(connection: Connection) -> tuple[Header, Sums]:
        revision = current_revision(connection)
        if revision is None:
            raise NoStore("there is nothing in the store yet")
        header = Header(revision, version, engine, at)
        return header, _write(connection, ArchiveWriter(out, header))

    return look(url, write)


def tables_of(connection: Connection) -> list[Table]:
    """The tables that are there, the referred before those that refer."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def _write(connection: Connection, archive: ArchiveWriter) -> Sums:
    for table in tables_of(connection):
        if table.name not in LEFT_OUT:
            columns = [column.name for column in table.columns]
            binary = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
            archive.table(table.name, columns, binary, _rows(connection, table))
    return archive.close()


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    query = select(*map(_as_stored, table.columns)).order_by(*table.primary_key.columns)
    with connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query) as rows:
        for row in rows:
            yield list(row)


def _as_stored(column: Column[Any]) -> Any:
    """JSON stays the text it is: decoded and encoded again, a number or the order of keys might change.

    A sanction by device or address loses its digest, as when it is over; one by account is restored as it was.
    """
    if (column.table.name, column.name) == ("sanction", "subject"):
        return case((column.table.c.via == Via.ACCOUNT.value, column), else_="")
    return cast(column, Text) if isinstance(column.type, JSON) else column
