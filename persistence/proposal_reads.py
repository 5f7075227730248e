"""Proposals to hide an answer, as those see them who may decide, and those that have ended by themselves."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, String, and_, literal, or_, select, tuple_

from kernel.ids import PostId, RoomId
from kernel.refusals import Refusal
from persistence.reader import page, storable
from persistence.schema import account, post, post_version, question
from persistence.schema_redress import hiding_proposal
from rooms.model import PostState
from rooms.proposals import ProposalState

LAPSED_MAX: Final = 100
_OPEN = hiding_proposal.c.state == ProposalState.OPEN.value
# As `moderation.decide_proposals.ended` says it.
_STANDS = and_(
    post.c.hidden.is_(None),
    post.c.state == PostState.PUBLISHED.value,
    post.c.shown_version == hiding_proposal.c.version,
)


def read_proposals(
    connection: Connection, room: RoomId | None, state: ProposalState, cursor: str | None, limit: int, now: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page; the cursor is the time and post of the last."""
    size = page(limit)
    is_open = state is ProposalState.OPEN
    order = (hiding_proposal.c.at, hiding_proposal.c.post_id)
    said = and_(post_version.c.post_id == post.c.id, post_version.c.version == post.c.shown_version)
    query = (
        select(
            hiding_proposal,
            post.c.kind,
            post.c.author_name,
            post.c.author_role,
            post.c.department_id,
            post.c.question_id,
            post.c.hidden,
            post_version.c.body,
            question.c.number,
            account.c.name.label("decider_name"),
        )
        .join(post, post.c.id == hiding_proposal.c.post_id)
        .outerjoin(post_version, said)
        .outerjoin(question, question.c.id == post.c.question_id)
        .outerjoin(account, account.c.id == hiding_proposal.c.decided_by)
        .where(hiding_proposal.c.state == state.value)
        .order_by(*(order if is_open else (column.desc() for column in order)))
        .limit(size + 1)
    )
    if is_open:
        query = query.where(_STANDS, hiding_proposal.c.until > now)
    if room is not None:
        query = query.where(hiding_proposal.c.room_id == room)
    if cursor is not None:
        query = query.where(_beyond(cursor, order, is_open=is_open))
    rows = connection.execute(query).all()
    last = rows[size - 1] if len(rows) > size else None
    return [_shown(row) for row in rows[:size]], None if last is None else f"{last.at}.{last.post_id}"


def read_lapsed(connection: Connection, now: int) -> list[PostId]:
    query = (
        select(hiding_proposal.c.post_id)
        .join(post, post.c.id == hiding_proposal.c.post_id)
        .where(_OPEN, or_(hiding_proposal.c.until <= now, ~_STANDS))
        .limit(LAPSED_MAX)
    )
    return [PostId(found) for found in connection.execute(query).scalars()]


def _beyond(cursor: str, order: tuple[Any, ...], *, is_open: bool) -> ColumnElement[bool]:
    at, _, entry = cursor.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) <= 16 and entry and storable(entry)):
        raise Refusal("bad_request", field="cursor")
    place = tuple_(literal(int(at), BigInteger), literal(entry, String))
    return tuple_(*order) > place if is_open else tuple_(*order) < place


def _shown(row: Row[Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "post": row.post_id,
        "ver": row.version,
        "room": row.room_id,
        "proposal": row.n,
        "state": row.state,
        "reason": row.reason,
        "by": {"id": row.by, "name": row.by_name, "role": row.by_role},
        "at": row.at,
        "until": row.until,
        "kind": row.kind,
        "body": row.body if row.hidden is None and row.body is not None else "",
        "author": {"name": row.author_name, "role": row.author_role, "dept": row.department_id},
        "q": row.question_id,
        "decided": None
        if row.decided_at is None
        else {"by": {"id": row.decided_by, "name": row.decider_name}, "at": row.decided_at, "note": row.note},
    }
    return shown | ({} if row.number is None else {"number": row.number})
