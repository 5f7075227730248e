"""What the newest posts of an author say of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, select

from kernel.ids import UserId
from moderation.trust import LOOKED_AT, derive
from persistence.schema import post
from rooms.model import PostKind, PostState, Trust

_OWN_WORDS = (PostKind.QUESTION.value, PostKind.COMMENT.value)
WITHDRAWN: Final = "withdrawn"


def derived(connection: Connection, user: UserId) -> Trust:
    """Of the newest `LOOKED_AT` posts; what the author took back says nothing."""
    newest = (
        select(post.c.state, post.c.hidden)
        .where(post.c.author_id == user, post.c.kind.in_(_OWN_WORDS))
        .order_by(post.c.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    hidden = func.coalesce(newest.c.hidden, "")
    query = select(newest.c.state, hidden, func.count()).group_by(newest.c.state, hidden)
    published = refused = 0
    for state, reason, count in connection.execute(query).all():
        if state == PostState.REJECTED.value or (reason and reason != WITHDRAWN):
            refused += count
        elif state == PostState.PUBLISHED.value and not reason:
            published += count
    return derive(published, refused, guest=user.startswith("g:"))
