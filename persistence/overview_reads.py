"""The reads over all rooms, as `rooms/overview.py: Overview` asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select

from kernel.ids import DepartmentId, RoomId
from persistence.reader import PAGE_MAX, Reader, page, storable
from persistence.room_rows import rooms_of_rows
from persistence.schema import post, room, room_department
from rooms.model import PostKind, Room
from rooms.overview import WORDS_MAX, CityFigures, Figures, RoomFilter

# A month has few sessions; a span with more than this is not a page anybody reads.
_MOMENTS_MAX = 1_000
_WHEN = func.coalesce(room.c.opened_at, room.c.starts_at)
# A comparison rather than "not null": it makes the index over the roots of a room the obvious one.
_READABLE = and_(post.c.seq > 0, post.c.hidden.is_(None))


class OverviewReads(Reader):
    """Each read is one transaction with one consistent view."""

    async def find_rooms(self, wanted: RoomFilter, limit: int) -> tuple[list[Room], bool]:
        if not storable(*wanted.words, wanted.department or ""):
            return [], False
        return await self.database.read(partial(read_found, wanted=wanted, limit=limit))

    async def moments(self, since: int, until: int) -> list[int]:
        return await self.database.read(partial(read_moments, since=since, until=until))

    async def room_figures(self, rooms: Sequence[RoomId]) -> dict[RoomId, Figures]:
        known = [wanted for wanted in dict.fromkeys(rooms) if storable(wanted)][:PAGE_MAX]
        return await self.database.read(partial(read_figures, rooms=known)) if known else {}

    async def city_figures(self) -> CityFigures:
        return await self.database.read(read_city_figures)

    async def department_sessions(self) -> dict[DepartmentId, int]:
        return await self.database.read(read_department_sessions)


def read_found(connection: Connection, wanted: RoomFilter, limit: int) -> tuple[list[Room], bool]:
    size = page(limit)
    query = select(room).where(*_conditions(wanted)).order_by(room.c.id.desc()).limit(size + 1)
    rows = connection.execute(query).all()
    return rooms_of_rows(connection, rows[:size]), len(rows) > size


def read_moments(connection: Connection, since: int, until: int) -> list[int]:
    query = select(_WHEN).where(since <= _WHEN, until > _WHEN).order_by(_WHEN).limit(_MOMENTS_MAX)
    return list(connection.execute(query).scalars())


def read_figures(connection: Connection, rooms: Sequence[str]) -> dict[RoomId, Figures]:
    """One question to the database for each room: asked for many at once, SQLite goes through the posts of all."""
    found: dict[RoomId, Figures] = {}
    for wanted in rooms:
        row = connection.execute(select(*_counts()).where(post.c.room_id == wanted, _is_question())).one()
        if row[0]:
            found[RoomId(wanted)] = Figures(row[0], row[1] or 0)
    return found


def read_city_figures(connection: Connection) -> CityFigures:
    sessions = select(func.count()).select_from(room).where(room.c.opened_at.is_not(None)).scalar_subquery()
    row = connection.execute(select(sessions, *_counts()).select_from(post).where(_is_question())).one()
    return CityFigures(sessions=row[0], questions=row[1], answered=row[2] or 0)


def read_department_sessions(connection: Connection) -> dict[DepartmentId, int]:
    query = select(room_department.c.department_id, func.count()).group_by(room_department.c.department_id)
    return {DepartmentId(row[0]): row[1] for row in connection.execute(query)}


def _conditions(wanted: RoomFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        room.c.title.icontains(word, autoescape=True) for word in wanted.words[:WORDS_MAX]
    ]
    if wanted.department is not None:
        sits = and_(room_department.c.room_id == room.c.id, room_department.c.department_id == wanted.department)
        conditions.append(exists().where(sits))
    if wanted.state is not None:
        conditions.append(room.c.state == wanted.state.value)
    if wanted.since is not None:
        conditions.append(wanted.since <= _WHEN)
    if wanted.until is not None:
        conditions.append(wanted.until > _WHEN)
    return conditions


def _is_question() -> ColumnElement[bool]:
    # A question is a root: said so, the partial index over the roots of a room serves.
    return and_(post.c.reply_to.is_(None), post.c.kind == PostKind.QUESTION.value, _READABLE)


def _counts() -> tuple[ColumnElement[int], ColumnElement[int | None]]:
    reply = post.alias("reply")
    answer = exists().where(
        reply.c.question_id == post.c.question_id,
        reply.c.kind == PostKind.REPLY.value,
        reply.c.seq.is_not(None),
        reply.c.hidden.is_(None),
    )
    return func.count(), func.sum(case((answer, 1), else_=0))
