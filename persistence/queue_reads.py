"""The review queue: what waits, what a colleague holds, and what has been decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    literal,
    select,
    text,
    tuple_,
)

from kernel.ids import DepartmentId, PostId, RoomId, UserId
from kernel.permissions import Role
from kernel.refusals import Refusal
from moderation.alike import COMPARED_MAX, PUBLIC_MAX
from moderation.commands import Ruled, WaitingPost
from persistence.reader import page, storable
from persistence.schema import post, post_version, question, ruling
from rooms.model import Author, PostKind, PostState, Reason


def read_queue(
    connection: Connection, room: RoomId | None, state: str | None, cursor: str | None, limit: int, now: int
) -> tuple[list[WaitingPost], str | None]:
    """A page; its cursor is the time and id of the last entry."""
    size = page(limit)
    position = None if cursor is None else _position(cursor)
    decided = state in _RULED
    query = _decided(state, position) if decided else _undecided(state, position, now)
    if room is not None:
        query = query.where(post.c.room_id == room)
    rows = connection.execute(query.limit(size + 1)).all()
    last = rows[size - 1] if len(rows) > size else None
    entries = [_waiting_post(row, now, decided=decided) for row in rows[:size]]
    return entries, None if last is None else f"{last.since}.{last.id}"


def read_beside(connection: Connection, wanted: PostId, now: int) -> list[WaitingPost]:
    """The newest that wait in the room of a post, newest first, and this post itself wherever it stands."""
    theirs = select(post.c.room_id).where(post.c.id == wanted).scalar_subquery()
    waiting = _undecided(None, None, now).where(post.c.room_id == theirs).order_by(None)
    newest = waiting.order_by(post.c.waiting_since.desc(), post.c.id.desc()).limit(COMPARED_MAX)
    rows = connection.execute(newest).all()
    if all(row.id != wanted for row in rows):
        rows = [*rows, *connection.execute(waiting.where(post.c.id == wanted)).all()]
    public = connection.execute(_PUBLIC.where(post.c.room_id == theirs, post.c.id != wanted)).all()
    return [
        *(_waiting_post(row, now, decided=False) for row in rows),
        *(replace(_waiting_post(row, now, decided=False), number=row.number) for row in public),
    ]


def reasons_of(stored: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Reasons are stored as they are shown (`Reason.to_wire`)."""
    return tuple(
        Reason(
            phase=reason["phase"],
            category=reason.get("category"),
            term=reason.get("term"),
            start=reason.get("from"),
            end=reason.get("to"),
            rule=reason.get("rule"),
            list=reason.get("list"),
            room_list=reason.get("room_list"),
        )
        for reason in stored
    )


# What is asked for among the decided, and the ruling that means it.
_RULED: Mapping[str | None, str | None] = {"decided": None, "published": "publish", "rejected": "reject"}

_POST = (
    post.c.id,
    post.c.room_id,
    post.c.kind,
    post.c.author_id,
    post.c.author_name,
    post.c.author_role,
    post.c.department_id,
    post.c.created_at,
    post.c.reasons,
    post.c.state,
    post.c.reply_to,
    post.c.hidden,
    post.c.lease_by,
    post.c.lease_until,
    post_version.c.version,
    post_version.c.body,
)


_PUBLIC: Select[Any] = (
    select(*_POST, post.c.waiting_since.label("since"), question.c.number)
    .join(post_version, and_(post_version.c.post_id == post.c.id, post_version.c.version == post.c.shown_version))
    .join(question, question.c.id == post.c.id)
    .where(post.c.reply_to.is_(None), post.c.state == PostState.PUBLISHED.value, post.c.hidden.is_(None))
    .where(text("NOT post.waiting"))
    .order_by(post.c.seq.desc())
    .limit(PUBLIC_MAX)
)


def _undecided(state: str | None, after: ColumnElement[Any] | None, now: int) -> Select[Any]:
    """Oldest first. The bare `post.waiting` is what the partial index is declared with."""
    order = (post.c.waiting_since, post.c.id)
    leases: dict[str | None, list[ColumnElement[bool]]] = {
        None: [],
        "waiting": [post.c.lease_until <= now],
        "leased": [post.c.lease_until > now],
    }
    if state not in leases:
        raise Refusal("bad_request", field="state")
    query = (
        select(*_POST, post.c.waiting_since.label("since"))
        .join(post_version, and_(post_version.c.post_id == post.c.id, post_version.c.version == post.c.version))
        .where(text("post.waiting"), *leases[state])
        .order_by(*order)
    )
    return query if after is None else query.where(tuple_(*order) > after)


def _decided(state: str | None, before: ColumnElement[Any] | None) -> Select[Any]:
    """Newest rulings first, each with the text it was about."""
    order = (ruling.c.at, ruling.c.post_id)
    query = (
        select(*_POST, ruling.c.at.label("since"), ruling.c.ruling, ruling.c.moderator_id, ruling.c.reason)
        .select_from(ruling)
        .join(post, post.c.id == ruling.c.post_id)
        .join(post_version, and_(post_version.c.post_id == post.c.id, post_version.c.version == ruling.c.version))
        .order_by(*(column.desc() for column in order), ruling.c.version.desc())
    )
    if (ruled := _RULED[state]) is not None:
        query = query.where(ruling.c.ruling == ruled)
    return query if before is None else query.where(tuple_(*order) < before)


def _position(cursor: str) -> ColumnElement[Any]:
    at, _, entry = cursor.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) <= 16 and entry and storable(entry)):
        raise Refusal("bad_request", field="cursor")
    return tuple_(literal(int(at), BigInteger), literal(entry, String))


def _waiting_post(row: Row[Any], now: int, *, decided: bool) -> WaitingPost:
    """`decided` is about this version: a newer one of the same post may well wait or be leased.

    What was published and is hidden now is served nowhere (C7), here neither, nor the terms that were found in it and
    where; a text that still waits has to be read.
    """
    gone = decided and row.hidden is not None
    found = reasons_of(row.reasons)
    leased = not decided and row.lease_until > now
    return WaitingPost(
        post=PostId(row.id),
        ver=row.version,
        room=RoomId(row.room_id),
        kind=PostKind(row.kind),
        body="" if gone else row.body,
        author=Author(
            UserId(row.author_id),
            row.author_name,
            Role(row.author_role),
            None if row.department_id is None else DepartmentId(row.department_id),
        ),
        at=row.created_at,
        reasons=tuple(_untold(one) for one in found) if gone else found,
        state="decided" if decided else "leased" if leased else "waiting",
        lease_by=UserId(row.lease_by) if leased else None,
        lease_until=row.lease_until if leased else 0,
        post_state=PostState(row.state),
        reply_to=None if row.reply_to is None else PostId(row.reply_to),
        ruled=Ruled(row.ruling, UserId(row.moderator_id), row.reason, row.since) if decided else None,
    )


def _untold(reason: Reason) -> Reason:
    """A term that was found is a piece of the text."""
    return replace(reason, term=None, start=None, end=None)
