"""Reports as moderators see them, a case for each post, and as each reporter is told of the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Row, String, and_, func, literal, select, tuple_

from kernel.ids import RoomId, UserId
from kernel.refusals import Refusal
from persistence.reader import page, storable
from persistence.schema import account, post, post_version, question, ruling
from persistence.schema_redress import report, report_case
from rooms.model import PostKind
from rooms.reports import CaseState

OWN_MAX: Final = 50
_NOTES_MAX: Final = 5
_STATES: Final = frozenset(state.value for state in CaseState)


def read_report_cases(
    connection: Connection, room: RoomId | None, state: str | None, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page; the cursor is the time and post of the last."""
    if state not in {None, *_STATES}:
        raise Refusal("bad_request", field="state")
    wanted, size = state or CaseState.OPEN.value, page(limit)
    is_open = wanted == CaseState.OPEN.value
    since = report_case.c.opened_at if is_open else report_case.c.decided_at
    said = and_(post_version.c.post_id == post.c.id, post_version.c.version == post.c.shown_version)
    ruled = and_(ruling.c.post_id == post.c.id, ruling.c.version == post.c.shown_version)
    order = (since, report_case.c.post_id)
    query = (
        select(
            report_case,
            since.label("since"),
            post.c.kind,
            post.c.author_id,
            post.c.author_name,
            post.c.author_role,
            post.c.department_id,
            post.c.hidden,
            post.c.created_at,
            post_version.c.body,
            question.c.number,
            ruling.c.moderator_id.label("approved_by"),
            account.c.name.label("decider_name"),
        )
        .join(post, post.c.id == report_case.c.post_id)
        .outerjoin(post_version, said)
        .outerjoin(ruling, ruled)
        .outerjoin(question, and_(question.c.id == post.c.question_id, post.c.kind == PostKind.QUESTION.value))
        .outerjoin(account, account.c.id == report_case.c.decided_by)
        .where(report_case.c.state == wanted)
        .order_by(*(order if is_open else (column.desc() for column in order)))
        .limit(size + 1)
    )
    if is_open:
        # Whoever hid the post by another way has answered already.
        query = query.where(post.c.hidden.is_(None))
    if room is not None:
        query = query.where(report_case.c.room_id == room)
    if cursor is not None:
        place = _position(cursor)
        query = query.where(tuple_(*order) > place if is_open else tuple_(*order) < place)
    rows = connection.execute(query).all()
    shown = rows[:size]
    last = shown[-1] if len(rows) > size else None
    counts, notes = _said(connection, [row.post_id for row in shown])
    items = [_shown(row, counts.get(row.post_id, {}), notes.get(row.post_id, [])) for row in shown]
    return items, None if last is None else f"{last.since}.{last.post_id}"


def _position(cursor: str) -> Any:
    at, _, entry = cursor.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) <= 16 and entry and storable(entry)):
        raise Refusal("bad_request", field="cursor")
    return tuple_(literal(int(at), BigInteger), literal(entry, String))


def _said(connection: Connection, posts: Sequence[str]) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    """By post: how many gave each reason, and the newest notes. Never by whom."""
    if not posts:
        return {}, {}
    counts: dict[str, dict[str, int]] = {}
    notes: dict[str, list[str]] = {}
    grouped = (
        select(report.c.post_id, report.c.reason, func.count().label("n"))
        .where(report.c.post_id.in_(posts))
        .group_by(report.c.post_id, report.c.reason)
    )
    for row in connection.execute(grouped):
        counts.setdefault(row.post_id, {})[row.reason] = row.n
    for one in posts:
        newest = select(report.c.note).where(report.c.post_id == one, report.c.note.is_not(None))
        rows = connection.execute(newest.order_by(report.c.at.desc()).limit(_NOTES_MAX)).scalars()
        notes[one] = [note for note in rows if note is not None]
    return counts, notes


def _shown(row: Row[Any], reasons: dict[str, int], notes: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "post": row.post_id,
        "room": row.room_id,
        "state": row.state,
        "reports": row.reports,
        "reasons": reasons,
        "notes": notes,
        "at": row.opened_at,
        "kind": row.kind,
        "body": row.body if row.hidden is None and row.body is not None else "",
        "by": {"id": row.author_id, "name": row.author_name, "role": row.author_role, "dept": row.department_id},
        "approved": row.approved_by is not None,
        "decided": None
        if row.decided_by is None
        else {"by": {"id": row.decided_by, "name": row.decider_name}, "at": row.decided_at, "note": row.note},
    }
    return shown | ({} if row.number is None else {"number": row.number})


def read_own_reports(connection: Connection, user: UserId, room: RoomId | None) -> list[dict[str, Any]]:
    """`{post, room, reason, at, state, decided_at?, note?}`, newest first; hidden by whatever way is `redacted`."""
    query = (
        select(report, report_case.c.state, report_case.c.decided_at, report_case.c.note.label("answer"))
        .add_columns(report_case.c.room_id, post.c.hidden, question.c.number)
        .join(report_case, report_case.c.post_id == report.c.post_id)
        .join(post, post.c.id == report.c.post_id)
        .outerjoin(question, and_(question.c.id == post.c.question_id, post.c.kind == PostKind.QUESTION.value))
        .where(report.c.reporter_id == user)
        .order_by(report.c.at.desc())
        .limit(OWN_MAX)
    )
    if room is not None:
        query = query.where(report_case.c.room_id == room)
    return [_own(row) for row in connection.execute(query)]


def _own(row: Row[Any]) -> dict[str, Any]:
    state = CaseState.REDACTED.value if row.hidden is not None else row.state
    told = {"post": row.post_id, "room": row.room_id, "reason": row.reason, "at": row.at, "state": state}
    optional = {"number": row.number}
    if state != CaseState.OPEN.value:
        optional |= {"decided_at": row.decided_at, "note": row.answer}
    return told | {name: value for name, value in optional.items() if value is not None}
