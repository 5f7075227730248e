"""Shifts at the review desk, and the times its health is told by: the `ShiftStore` of `moderation/shifts.py`."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, select, text, update

from kernel.ids import RoomId, UserId
from moderation.queue_health import Decided
from moderation.shifts import Shift, ShiftState
from persistence.bulk import upsert_rows
from persistence.reader import Reader, storable
from persistence.schema import post, post_version, ruling, shift

TIMES_MAX: Final = 10_000
SHIFTS_MAX: Final = 200


class ShiftRows(Reader):
    """Seldom written: through `Database.write`, not through the committers."""

    async def queue_times(self, room: RoomId | None, after: int) -> tuple[list[int], list[Decided]]:
        if room is not None and not storable(room):
            return [], []
        return await self.database.read(partial(_times, room=room, after=after))

    async def city_times(self, after: int) -> tuple[list[tuple[RoomId, int]], list[tuple[RoomId, Decided]]]:
        return await self.database.read(partial(_city_times, after=after))

    async def shifts(self) -> list[Shift]:
        return await self.database.read(_shifts)

    async def put_shift(self, put: Shift) -> None:
        row = {
            "moderator_id": put.moderator,
            "name": put.name,
            "state": put.state.value,
            "since": put.since,
            "until": put.until,
            "seen": put.seen,
            "note": put.note,
            "note_at": put.note_at,
        }
        await self.database.write(lambda connection: upsert_rows(connection, shift, [row]))

    async def see_shift(self, moderator: UserId, at: int) -> None:
        own = and_(shift.c.moderator_id == moderator, shift.c.state == ShiftState.ON.value)
        await self.database.write(lambda connection: connection.execute(update(shift).where(own).values(seen=at)))


_WAITING = select(post.c.waiting_since).where(text("post.waiting")).order_by(post.c.waiting_since).limit(TIMES_MAX)


def _decided_after(after: int) -> Select[Any]:
    written = and_(post_version.c.post_id == ruling.c.post_id, post_version.c.version == ruling.c.version)
    return (
        select(post_version.c.created_at, ruling.c.at, ruling.c.moderator_id)
        .join(post_version, written)
        .where(ruling.c.at > after)
        .order_by(ruling.c.at.desc())
        .limit(TIMES_MAX)
    )


def _city_times(connection: Connection, after: int) -> tuple[list[tuple[RoomId, int]], list[tuple[RoomId, Decided]]]:
    waiting = connection.execute(_WAITING.add_columns(post.c.room_id))
    decided = connection.execute(
        _decided_after(after).join(post, post.c.id == ruling.c.post_id).add_columns(post.c.room_id)
    )
    return [(RoomId(row.room_id), int(row.waiting_since)) for row in waiting], [
        (RoomId(row.room_id), Decided(row.created_at, row.at, row.moderator_id)) for row in decided
    ]


def _times(connection: Connection, room: RoomId | None, after: int) -> tuple[list[int], list[Decided]]:
    waiting, decided = _WAITING, _decided_after(after)
    if room is not None:
        waiting = waiting.where(post.c.room_id == room)
        decided = decided.join(post, post.c.id == ruling.c.post_id).where(post.c.room_id == room)
    since = [int(found) for found in connection.execute(waiting).scalars()]
    return since, [Decided(row.created_at, row.at, row.moderator_id) for row in connection.execute(decided)]


def _shifts(connection: Connection) -> list[Shift]:
    query = select(shift).order_by(shift.c.since.desc()).limit(SHIFTS_MAX)
    return [_shift(row) for row in connection.execute(query)]


def _shift(row: Any) -> Shift:
    return Shift(
        UserId(row.moderator_id),
        row.name,
        ShiftState(row.state),
        row.since,
        row.until,
        row.seen,
        row.note,
        row.note_at,
    )
