"""What moderators are shown of an author: counts, newest posts, sanctions. Notes belong to the desk, and are not."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from kernel.ids import RoomId, UserId
from persistence.schema import post, post_version, question, ruling, sanction
from rooms.model import PostKind, PostState

NEWEST: Final = 10


def read_author(connection: Connection, author: UserId, room: RoomId | None) -> dict[str, Any]:
    """`{counts, posts, sanctions}`, in one room or in all; newest first."""
    theirs = [post.c.author_id == author, post.c.kind != PostKind.NOTE.value]
    if room is not None:
        theirs.append(post.c.room_id == room)
    return {
        "counts": _counts(connection, theirs),
        "posts": [_shown(row) for row in _newest(connection, theirs)],
        "sanctions": _sanctions(connection, author, room),
    }


def _counts(connection: Connection, theirs: list[ColumnElement[bool]]) -> dict[str, int]:
    """A hidden post is not counted as published too."""
    counts = dict.fromkeys(("published", "hidden", "refused", "withdrawn", "pending"), 0)
    named = {PostState.REJECTED.value: "refused"}
    hidden = post.c.hidden.is_not(None).label("is_hidden")
    query = select(post.c.state, hidden, func.count().label("posts")).where(*theirs).group_by(post.c.state, hidden)
    for row in connection.execute(query):
        gone = row.is_hidden and row.state == PostState.PUBLISHED.value
        counts["hidden" if gone else named.get(row.state, row.state)] += row.posts
    return counts


def _newest(connection: Connection, theirs: list[ColumnElement[bool]]) -> list[Row[Any]]:
    query = (
        select(post, post_version.c.body, question.c.number, ruling.c.ruling, ruling.c.reason)
        .outerjoin(post_version, and_(post_version.c.post_id == post.c.id, post_version.c.version == post.c.version))
        .outerjoin(question, and_(question.c.id == post.c.question_id, post.c.kind == PostKind.QUESTION.value))
        .outerjoin(ruling, and_(ruling.c.post_id == post.c.id, ruling.c.version == post.c.version))
        .where(*theirs)
        .order_by(post.c.id.desc())
        .limit(NEWEST)
    )
    return list(connection.execute(query))


def _shown(row: Row[Any]) -> dict[str, Any]:
    """A hidden text is served nowhere (C7), and what was taken back is nobody's any more."""
    gone = row.hidden is not None or row.state == PostState.WITHDRAWN.value
    optional = {
        "number": row.number,
        "hidden": row.hidden,
        "reason": row.reason if row.ruling == "reject" else None,
    }
    shown = {
        "post": row.id,
        "room": row.room_id,
        "kind": row.kind,
        "state": row.state,
        "ver": row.version,
        "waiting": row.waiting,
        "body": "" if gone else row.body,
        "at": row.created_at,
    }
    return shown | {name: value for name, value in optional.items() if value is not None}


def _sanctions(connection: Connection, author: UserId, room: RoomId | None) -> list[dict[str, Any]]:
    """Those of the room and those of everywhere; without a room all of them."""
    query = select(sanction).where(sanction.c.user_id == author).order_by(sanction.c.until.desc()).limit(NEWEST)
    if room is not None:
        query = query.where(or_(sanction.c.room_id == room, sanction.c.room_id.is_(None)))
    return [
        {
            "kind": row.kind,
            "room": row.room_id,
            "until": row.until,
            "reason": row.reason,
            "rule": row.rule,
            "at": row.created_at,
            "lifted_at": row.lifted_at,
            "by": row.via,
        }
        for row in connection.execute(query)
    ]
