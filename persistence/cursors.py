"""Durable cursors: how far each reader of the log has come, on its own lane of its own stream.

Later domains read the log through these and never sit on the path of a post. Advancing is a compare-and-set, so of two
workers of one consumer only one can have done a stretch.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from persistence.account_rows import insert_unless_there
from persistence.schema import cursor
from rooms.model import Lane


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads what; `stream` is a room's id, later a question's."""

    consumer: str
    stream: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class Position:
    """Everything up to `seq` of this epoch has been dealt with."""

    epoch: str
    seq: int


def read_cursor(connection: Connection, reading: Reading) -> Position | None:
    """None before the first advance."""
    query = select(cursor.c.epoch, cursor.c.seq).where(
        cursor.c.consumer == reading.consumer,
        cursor.c.stream_id == reading.stream,
        cursor.c.lane == reading.lane.value,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Position(row.epoch, row.seq)


def advance_cursor(connection: Connection, reading: Reading, since: Position | None, to: Position) -> bool:
    """Moves the cursor if it still stands where the caller read it; False: somebody else has moved it."""
    if since is None:
        key = {"consumer": reading.consumer, "stream_id": reading.stream, "lane": reading.lane.value}
        started = insert_unless_there(connection, cursor).values(**key, epoch=to.epoch, seq=to.seq)
        return connection.execute(started).rowcount == 1
    moved = (
        update(cursor)
        .where(
            cursor.c.consumer == reading.consumer,
            cursor.c.stream_id == reading.stream,
            cursor.c.lane == reading.lane.value,
            cursor.c.epoch == since.epoch,
            cursor.c.seq == since.seq,
        )
        .values(epoch=to.epoch, seq=to.seq)
    )
    return connection.execute(moved).rowcount == 1
