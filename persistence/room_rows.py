"""Rooms as rows and as values, and the short questions asked about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from kernel.ids import DepartmentId, PostId, RoomId, UserId
from kernel.refusals import Refusal
from persistence.prepared import Prepared
from persistence.reader import page
from persistence.schema import department, post, room, room_department, seat
from rooms.emergency import CALM, Emergency
from rooms.model import Policy, PostKind, PostState, Room, RoomDepartment, RoomState, StaffReview, TrustPass

SLOTS = 8
OVER_MAX = 100


def read_room(connection: Connection, wanted: ColumnElement[bool]) -> Room | None:
    """The one room for which `wanted` is true."""
    found = rooms_of_rows(connection, connection.execute(select(room).where(wanted)).all())
    return found[0] if found else None


_BY_ID = Prepared(lambda among: select(room).where(among(room.c.id, "rooms")))


def read_rooms_by_id(connection: Connection, keys: Sequence[RoomId]) -> dict[RoomId, Room | None]:
    found = {one.id: one for one in rooms_of_rows(connection, _BY_ID(connection, rooms=keys).all())}
    return {key: found.get(key) for key in keys}


def read_rooms(
    connection: Connection, state: RoomState | None, cursor: str | None, limit: int
) -> tuple[list[Room], str | None]:
    """A page of rooms, newest first; ids sort by time, so the last id of a page is its cursor."""
    size = page(limit)
    query = select(room).order_by(room.c.id.desc()).limit(size + 1)
    if state is not None:
        query = query.where(room.c.state == state.value)
    if cursor is not None:
        if not (cursor.isascii() and cursor.isalnum() and len(cursor) <= 26):
            raise Refusal("bad_request", field="cursor")
        query = query.where(room.c.id < cursor)
    rows = connection.execute(query).all()
    return rooms_of_rows(connection, rows[:size]), rows[size - 1].id if len(rows) > size else None


def read_post_room(connection: Connection, wanted: PostId) -> RoomId | None:
    found = connection.execute(select(post.c.room_id).where(post.c.id == wanted)).scalar_one_or_none()
    return None if found is None else RoomId(found)


def read_thread_of(connection: Connection, wanted: PostId) -> tuple[RoomId, PostId] | None:
    query = select(post.c.room_id, post.c.question_id).where(
        post.c.id == wanted,
        post.c.state == PostState.PUBLISHED.value,
        post.c.hidden.is_(None),
        post.c.kind != PostKind.NOTE.value,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (RoomId(row.room_id), PostId(row.question_id or wanted))


def read_seated(connection: Connection, wanted: RoomId, user: UserId) -> bool:
    query = select(seat.c.taken_at).where(seat.c.room_id == wanted, seat.c.account_id == user)
    return connection.execute(query).first() is not None


_SITTING = func.count(seat.c.account_id).label("seated")
_SEATS_OF_PLACE = and_(
    seat.c.room_id == room_department.c.room_id, seat.c.department_id == room_department.c.department_id
)
_PLACES = Prepared(
    lambda among: (
        select(room_department, department.c.name, department.c.name_en, department.c.mark, _SITTING)
        .join(department, department.c.id == room_department.c.department_id)
        .outerjoin(seat, _SEATS_OF_PLACE)
        .where(among(room_department.c.room_id, "rooms"))
        .group_by(*room_department.c, department.c.name, department.c.name_en, department.c.mark)
        .order_by(room_department.c.room_id, room_department.c.position, room_department.c.department_id)
    )
)


def room_departments(connection: Connection, rooms: Sequence[str]) -> dict[str, tuple[RoomDepartment, ...]]:
    """The departments of these rooms, in order of invitation; the order gives the slot."""
    grouped: dict[str, list[RoomDepartment]] = {wanted: [] for wanted in rooms}
    for row in _PLACES(connection, rooms=rooms):
        places = grouped[row.room_id]
        places.append(_place(row, slot=len(places) % SLOTS + 1))
    return {wanted: tuple(places) for wanted, places in grouped.items()}


def rooms_of_rows(connection: Connection, rows: Iterable[Row[Any]]) -> list[Room]:
    rows = list(rows)
    departments = room_departments(connection, [row.id for row in rows]) if rows else {}
    return [room_of(row, departments[row.id]) for row in rows]


def _emergency(row: Row[Any]) -> Emergency:
    if not (row.held or row.verified) and row.emergency_until is None:
        return CALM
    return Emergency(row.held, row.verified, row.emergency_until)


def read_over(connection: Connection, now: int) -> list[RoomId]:
    """Rooms whose emergency has run out and that still say they are closed."""
    query = select(room.c.id).where(room.c.emergency_until <= now).limit(OVER_MAX)
    return [RoomId(found) for found in connection.execute(query).scalars()]


def room_of(row: Row[Any], departments: tuple[RoomDepartment, ...]) -> Room:
    return Room(
        id=RoomId(row.id),
        code=row.code,
        title=row.title,
        summary=row.summary,
        state=RoomState(row.state),
        policy=policy_of(row.policy),
        departments=departments,
        created_by=UserId(row.created_by),
        created_at=row.created_at,
        starts_at=row.starts_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        frozen=row.frozen,
        emergency=_emergency(row),
    )


def policy_of(stored: dict[str, Any]) -> Policy:
    """A stored policy; a field it was stored without has its default."""
    known = {name: stored[name] for name in Policy.__dataclass_fields__ if name in stored}
    if "staff" in known:
        known["staff"] = StaffReview(known["staff"])
    if "trust" in known:
        known["trust"] = TrustPass(known["trust"])
    return Policy(**known)


def _place(row: Row[Any], *, slot: int) -> RoomDepartment:
    return RoomDepartment(
        id=DepartmentId(row.department_id),
        name=row.name,
        name_en=row.name_en,
        mark=row.mark,
        slot=slot,
        lead=row.lead,
        seated=row.seated,
    )
