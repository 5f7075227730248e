"""Questions of moderators to the desk about one post, and their answers: all of the desk that moderators read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, and_, select

from kernel.ids import PostId
from kernel.permissions import Role
from moderation.asking import ANSWERS_MAX, ASKED_MAX
from persistence.schema import post, post_version
from rooms.model import PostKind, PostState

_NOTES: Select[Any] = (
    select(
        post.c.id,
        post.c.reply_to,
        post.c.author_name,
        post.c.author_role,
        post.c.department_id,
        post.c.created_at,
        post_version.c.body,
    )
    .join(post_version, and_(post_version.c.post_id == post.c.id, post_version.c.version == post.c.shown_version))
    .where(post.c.kind == PostKind.NOTE.value, post.c.state == PostState.PUBLISHED.value, post.c.hidden.is_(None))
)


def read_asked(connection: Connection, about: PostId) -> list[dict[str, Any]]:
    """A department's own note on a post is none of these: only what a moderator asked, and what answers that."""
    asked = _NOTES.where(post.c.reply_to == about, post.c.author_role == Role.MODERATOR.value)
    rows = connection.execute(asked.order_by(post.c.id.desc()).limit(ASKED_MAX)).all()[::-1]
    found = {row.id: {**_note(row), "answers": []} for row in rows}
    if found:
        answers = _NOTES.where(post.c.reply_to.in_(found)).order_by(post.c.id).limit(ANSWERS_MAX)
        for row in connection.execute(answers):
            found[row.reply_to]["answers"].append(_note(row))
    return list(found.values())


def _note(row: Row[Any]) -> dict[str, Any]:
    by = {"name": row.author_name, "role": row.author_role}
    if row.department_id is not None:
        by["dept"] = row.department_id
    return {"note": row.id, "by": by, "body": row.body, "at": row.created_at}
