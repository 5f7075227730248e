"""What a batch needs to know about people: mutes, their last posts, departments and seats."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, or_, select

from accounts.model import Department
from kernel.ids import DepartmentId, RoomId, UserId
from persistence.bulk import among
from persistence.needs import Needs
from persistence.schema import department, post, sanction, seat
from rooms.working_set import SanctionEntry, Seat, WorkingSet


def load_people(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    _load_sanctions(connection, ws, needs)
    _load_last_posts(connection, ws, needs)
    _load_departments(connection, ws, needs)
    _load_seats(connection, ws, needs)


def _load_sanctions(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    """Those in force; what is over or lifted decides nothing any more."""
    people = needs.authors | needs.muted
    if not people:
        return
    query = select(sanction).where(
        among(connection, sanction.c.user_id, people),
        sanction.c.until > ws.now,
        sanction.c.lifted_at.is_(None),
        or_(sanction.c.room_id.is_(None), among(connection, sanction.c.room_id, needs.rooms)),
    )
    for row in connection.execute(query):
        found = SanctionEntry(
            row.id,
            UserId(row.user_id),
            RoomId(row.room_id) if row.room_id is not None else None,
            row.until,
            row.reason,
            row.rule,
            UserId(row.created_by),
            row.created_at,
        )
        ws.sanctions.load(found.id, found)


def _load_last_posts(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    slow = {entry.room.id for entry in ws.rooms if entry.room.policy.slow_ms}
    authors = {author for where, author, _ in needs.cids if where in slow}
    if not authors:
        return
    here = and_(among(connection, post.c.room_id, slow), among(connection, post.c.author_id, authors))
    query = select(post.c.room_id, post.c.author_id, func.max(post.c.created_at).label("last")).where(here)
    for row in connection.execute(query.group_by(post.c.room_id, post.c.author_id)):
        ws.last_posts[RoomId(row.room_id), UserId(row.author_id)] = row.last


def _load_departments(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.departments:
        return
    query = select(department).where(among(connection, department.c.id, needs.departments))
    for row in connection.execute(query):
        found = Department(DepartmentId(row.id), row.name, row.name_en, row.mark, row.slot)
        ws.departments[found.id] = found


def _load_seats(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.sitters:
        return
    query = select(seat).where(
        among(connection, seat.c.account_id, needs.sitters), among(connection, seat.c.room_id, needs.rooms)
    )
    for row in connection.execute(query):
        found = Seat(RoomId(row.room_id), UserId(row.account_id), DepartmentId(row.department_id), row.taken_at)
        ws.seats.load((found.room, found.account), found)
