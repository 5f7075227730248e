"""The epochs of all lanes at once: they end with a restore, and when the database turns out not to be the one it was.

A replica that is promoted and an archive restored to a point in time begin a timeline of their own, and a dump is
loaded into a cluster with another identifier. Each may have lost numbers that were given. So the deployment keeps the
fingerprint of its database in the database, and whoever first comes to one with another fingerprint ends every epoch
before anything is numbered or read (`database_postgres`).
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from kernel.refusals import Refusal
from persistence.bulk import insert_rows, is_postgres
from persistence.schema import cursor, deployment, lane

_NAME = "fingerprint"
# Of two nodes one settles it, and the other finds it settled; a third try is for a record taken away in between.
_TRIES = 3

_PRESENT = text(
    "SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_walfile_name(pg_current_wal_lsn()) END AS wal, "
    "(SELECT system_identifier FROM pg_control_system()) AS cluster"
)
# Insufficient privilege, no such function, not supported: a managed service that keeps these to itself.
_KEPT_SECRET = frozenset({"42501", "42883", "0A000"})

# Before the first migration; whoever reads then asks for the schema, and finds none.
_NO_TABLE = "42P01"


def renew_epochs(connection: Connection) -> None:
    """Every lane begins a new epoch, and no consumer's place is held by a process of before.

    Cursors stay in the old epoch: their consumers are told that it has ended, as everybody is (ADR 0008).
    """
    connection.execute(update(lane).values(epoch=secrets.token_hex(8)))
    connection.execute(update(cursor).values(claim=None))


def begin_anew(connection: Connection) -> None:
    """After a restore: new epochs, and this database is from now on the one that the deployment knows."""
    renew_epochs(connection)
    remember(connection, postgres_fingerprint(connection) if is_postgres(connection) else None)


def remember(connection: Connection, present: str | None) -> None:
    """In the transaction of the new epochs: a replica that has these has the record too."""
    connection.execute(delete(deployment).where(deployment.c.name == _NAME))
    if present is not None:
        _record(connection, present, None)


def postgres_fingerprint(connection: Connection) -> str | None:
    """System identifier and timeline; None where the service does not tell them.

    Raises `unavailable` on a standby: it lags, and so it may still show what was hidden since.
    """
    try:
        with connection.begin_nested():
            row = connection.execute(_PRESENT).one()
    except DBAPIError as failure:
        if getattr(failure.orig, "sqlstate", None) not in _KEPT_SECRET:
            raise
        return None
    if row.wal is None:
        raise Refusal("unavailable")
    # A name of WAL begins with its timeline, in eight hexadecimal digits.
    return f"{row.cluster}/{int(row.wal[:8], 16)}"


def is_settled(connection: Connection) -> bool:
    """Whether nothing forbids to believe what is read here: this is the database that the deployment knows."""
    present = postgres_fingerprint(connection)
    if present is None:
        return True
    try:
        with connection.begin_nested():
            recorded = connection.execute(_RECORDED).scalar_one_or_none()
    except DBAPIError as failure:
        if getattr(failure.orig, "sqlstate", None) != _NO_TABLE:
            raise
        return True
    return recorded == present.encode()


def settle(connection: Connection, present: str, known: str | None) -> bool:
    """Records `present` where another fingerprint, or none, is recorded; answers whether every epoch ended with that.

    `known` is what this process found the last time: a replica may lag behind the first record itself. One of many
    nodes does it, and the others wait for its row and then find it done.
    """
    for _ in range(_TRIES):
        recorded = connection.execute(_RECORDED).scalar_one_or_none()
        if recorded == present.encode():
            return False
        if _record(connection, present, recorded):
            another = recorded is not None or known not in (None, present)
            if another:
                renew_epochs(connection)
            return another
    raise Refusal("unavailable")


_RECORDED = select(deployment.c.value).where(deployment.c.name == _NAME)


def _record(connection: Connection, present: str, recorded: bytes | None) -> bool:
    """A compare-and-set."""
    if recorded is None:
        return insert_rows(connection, deployment, [{"name": _NAME, "value": present.encode()}], unless=("name",)) == 1
    changed = (
        update(deployment)
        .where(deployment.c.name == _NAME, deployment.c.value == recorded)
        .values(value=present.encode())
    )
    return connection.execute(changed).rowcount == 1
