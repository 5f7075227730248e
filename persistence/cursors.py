"""Durable cursors, as `rooms/following/ports.py: Cursors` asks for them: a row for each consumer and lane.

Every change of a row counts its `beat` up, and a place is taken by a compare-and-set on it. What is done with the place
afterwards is fenced by the claim: a holder that another has replaced changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Update, and_, or_, select, tuple_, update

from persistence.account_rows import insert_unless_there
from persistence.reader import Reader
from persistence.schema import cursor, lane
from rooms.following.ports import Behind, Claimed, Place, Position, Write
from rooms.model import Lane
from rooms.ports import Head


class CursorRows(Reader):
    """Changes go through `Database.write`: the log is followed beside the path of a post, never on it."""

    async def behind(
        self,
        consumer: str,
        lanes: Collection[Lane],
        *,
        streams: Collection[str] | None = None,
        after: Place | None = None,
        limit: int,
    ) -> list[Behind]:
        query = partial(read_behind, consumer=consumer, lanes=lanes, streams=streams, after=after, limit=limit)
        return await self.database.read(query)

    async def claim(self, consumer: str, seen: Behind, claim: str) -> Claimed | None:
        take = _begin if seen.position is None else _take_over
        return await self.database.write(partial(take, consumer=consumer, seen=seen, claim=claim))

    async def keep(self, consumer: str, held: Sequence[Claimed]) -> set[str]:
        return await self.database.write(partial(_keep, consumer=consumer, held=held))

    async def advance(
        self, held: Claimed, since: Position, to: Position, writes: Sequence[Write], *, release: bool
    ) -> bool:
        change: Callable[[Connection], bool] = partial(
            _advance, held=held, since=since, to=to, writes=writes, release=release
        )
        return await self.database.write(change)

    async def give_back(self, held: Claimed, *, failed: bool) -> None:
        await self.database.write(partial(_give_back, held=held, failed=failed))


def read_behind(
    connection: Connection,
    consumer: str,
    lanes: Collection[Lane],
    streams: Collection[str] | None,
    after: Place | None,
    limit: int,
) -> list[Behind]:
    """Both tables in the order of their keys; a page ends where its limit does, whatever it takes to find its rows."""
    own = and_(cursor.c.consumer == consumer, cursor.c.stream_id == lane.c.stream_id, cursor.c.lane == lane.c.lane)
    not_there = or_(
        and_(cursor.c.consumer.is_(None), lane.c.head_seq > 0),
        cursor.c.seq != lane.c.head_seq,
        cursor.c.epoch != lane.c.epoch,
    )
    shown: tuple[ColumnElement[Any], ...] = (
        *(lane.c.stream_id, lane.c.lane, lane.c.head_seq, lane.c.epoch.label("lane_epoch")),
        *(cursor.c.epoch, cursor.c.seq, cursor.c.claim, cursor.c.beat, cursor.c.failures),
    )
    query = (
        select(*shown)
        .select_from(lane.outerjoin(cursor, own))
        .where(lane.c.lane.in_([one.value for one in lanes]), not_there)
        .order_by(lane.c.stream_id, lane.c.lane)
        .limit(limit)
    )
    if streams is not None:
        query = query.where(lane.c.stream_id.in_(list(streams)))
    if after is not None:
        query = query.where(tuple_(lane.c.stream_id, lane.c.lane) > tuple_(after.stream, after.lane.value))
    return [_behind_of(row) for row in connection.execute(query)]


def _behind_of(row: Row[Any]) -> Behind:
    position = None if row.epoch is None else Position(row.epoch, row.seq)
    return Behind(
        place=Place(row.stream_id, Lane(row.lane)),
        head=Head(row.lane_epoch, row.head_seq),
        position=position,
        claim=row.claim,
        beat=row.beat or 0,
        failures=row.failures or 0,
    )


def _begin(connection: Connection, consumer: str, seen: Behind, claim: str) -> Claimed | None:
    values = {
        "consumer": consumer,
        "stream_id": seen.place.stream,
        "lane": seen.place.lane.value,
        "epoch": seen.head.epoch,
        "seq": 0,
        "claim": claim,
        "beat": 1,
        "failures": 0,
    }
    if connection.execute(insert_unless_there(connection, cursor).values(values)).rowcount != 1:
        return None
    return Claimed(consumer, seen.place, claim, Position(seen.head.epoch, 0))


def _take_over(connection: Connection, consumer: str, seen: Behind, claim: str) -> Claimed | None:
    taken = _beat().where(*_at(consumer, seen.place), cursor.c.beat == seen.beat).values(claim=claim)
    if seen.position is None or connection.execute(taken).rowcount != 1:
        return None
    return Claimed(consumer, seen.place, claim, seen.position)


def _keep(connection: Connection, consumer: str, held: Sequence[Claimed]) -> set[str]:
    kept = _beat().where(
        cursor.c.consumer == consumer,
        # The key finds the rows, the claims say which of them are ours.
        cursor.c.stream_id.in_(sorted({one.place.stream for one in held})),
        cursor.c.claim.in_([one.claim for one in held]),
    )
    return set(connection.execute(kept.returning(cursor.c.claim)).scalars())


def _advance(
    connection: Connection, held: Claimed, since: Position, to: Position, writes: Sequence[Write], release: bool
) -> bool:
    """The row first: its lock is held while the writes are made, and nobody takes the place over meanwhile."""
    moved = (
        _beat()
        .where(*_ours(held), cursor.c.epoch == since.epoch, cursor.c.seq == since.seq)
        .values(epoch=to.epoch, seq=to.seq, failures=0)
    )
    if release:
        moved = moved.values(claim=None)
    if connection.execute(moved).rowcount != 1:
        return False
    for write in writes:
        write(connection)
    return True


def _give_back(connection: Connection, held: Claimed, failed: bool) -> None:
    given = _beat().where(*_ours(held)).values(claim=None)
    if failed:
        given = given.values(failures=cursor.c.failures + 1)
    connection.execute(given)


def _beat() -> Update:
    return update(cursor).values(beat=cursor.c.beat + 1)


def _at(consumer: str, place: Place) -> tuple[ColumnElement[bool], ...]:
    return (
        cursor.c.consumer == consumer,
        cursor.c.stream_id == place.stream,
        cursor.c.lane == place.lane.value,
    )


def _ours(held: Claimed) -> tuple[ColumnElement[bool], ...]:
    return (*_at(held.consumer, held.place), cursor.c.claim == held.claim)
