"""What a batch needs to know about people: mutes, their last posts, departments and seats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, bindparam, func, or_, select

from accounts.model import Department
from kernel.ids import DepartmentId, RoomId, SourceKey, UserId
from persistence.needs import Needs
from persistence.prepared import Among, Prepared
from persistence.schema import department, post, sanction, seat
from rooms.sanctions import SanctionEntry, SanctionKind, Via
from rooms.working_set import Seat, WorkingSet


def _in_force(whom: Column[Any]) -> Callable[[Among], Select[Any]]:
    """Those in force; what is over or lifted decides nothing any more."""
    return lambda among: select(sanction).where(
        among(whom, "people"),
        sanction.c.until > bindparam("now"),
        sanction.c.lifted_at.is_(None),
        or_(sanction.c.room_id.is_(None), among(sanction.c.room_id, "rooms")),
    )


# By whom or what they stop: the people, their devices and addresses in one question.
_STOPPING = Prepared(_in_force(sanction.c.subject))
# By on whose card they were decided, to be lifted there.
_OF_PERSON = Prepared(_in_force(sanction.c.user_id))
_LAST_POSTS = Prepared(
    lambda among: (
        select(post.c.room_id, post.c.author_id, func.max(post.c.created_at).label("last"))
        .where(among(post.c.room_id, "rooms"), among(post.c.author_id, "people"))
        .group_by(post.c.room_id, post.c.author_id)
    )
)
_DEPARTMENTS = Prepared(lambda among: select(department).where(among(department.c.id, "departments")))
_SEATS = Prepared(lambda among: select(seat).where(among(seat.c.account_id, "people"), among(seat.c.room_id, "rooms")))


def load_people(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    _load_sanctions(connection, ws, needs)
    _load_last_posts(connection, ws, needs)
    _load_departments(connection, ws, needs)
    _load_seats(connection, ws, needs)


def _load_sanctions(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if needs.authors:
        people = needs.authors | needs.sources
        for row in _STOPPING(connection, people=people, rooms=needs.rooms, now=ws.now):
            ws.sanctions.load(row.id, sanction_of(row))
    if needs.muted:
        for row in _OF_PERSON(connection, people=needs.muted, rooms=needs.rooms, now=ws.now):
            ws.sanctions.load(row.id, sanction_of(row))


def sanction_of(row: Row[Any]) -> SanctionEntry:
    via = Via(row.via)
    return SanctionEntry(
        row.id,
        UserId(row.user_id),
        RoomId(row.room_id) if row.room_id is not None else None,
        row.until,
        row.reason,
        row.rule,
        UserId(row.created_by),
        row.created_at,
        row.lifted_at,
        SanctionKind(row.kind),
        row.acknowledged_at,
        via,
        SourceKey(row.subject) if via is not Via.ACCOUNT and row.subject else None,
    )


def _load_last_posts(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    slow = {entry.room.id for entry in ws.rooms if entry.room.policy.slow_ms}
    authors = {author for where, author, _ in needs.cids if where in slow}
    if not authors:
        return
    for row in _LAST_POSTS(connection, rooms=slow, people=authors):
        ws.last_posts[RoomId(row.room_id), UserId(row.author_id)] = row.last


def _load_departments(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.departments:
        return
    for row in _DEPARTMENTS(connection, departments=needs.departments):
        found = Department(DepartmentId(row.id), row.name, row.name_en, row.mark, row.slot)
        ws.departments[found.id] = found


def _load_seats(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.sitters:
        return
    for row in _SEATS(connection, people=needs.sitters, rooms=needs.rooms):
        found = Seat(RoomId(row.room_id), UserId(row.account_id), DepartmentId(row.department_id), row.taken_at)
        ws.seats.load((found.room, found.account), found)
