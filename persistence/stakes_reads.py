"""What would have gone otherwise in a room under another policy: the newest posts of netizens, and who wrote them."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from sqlalchemy import Connection, and_, select

from kernel.ids import RoomId, UserId
from moderation.trust import STAKES_AUTHORS, STAKES_POSTS
from persistence.schema import post, room, ruling, trust
from persistence.standing_reads import derived
from rooms.model import PostKind, Trust

_OWN_WORDS = (PostKind.QUESTION.value, PostKind.COMMENT.value)
_RULE: Final = "premoderation"


def read_stakes(connection: Connection, wanted: RoomId) -> dict[str, Any]:
    """`{waiting, looked_at, held, refused, authors{watched, new, known, trusted}}`; never a text or a name."""
    waiting = connection.execute(select(room.c.waiting).where(room.c.id == wanted)).scalar_one_or_none() or 0
    newest = (
        select(post.c.author_id, post.c.reasons, ruling.c.ruling)
        .outerjoin(ruling, and_(ruling.c.post_id == post.c.id, ruling.c.version == post.c.version))
        # No post is older than its room: whoever walks the ids backwards stops there.
        .where(post.c.room_id == wanted, post.c.id > wanted, post.c.kind.in_(_OWN_WORDS))
        .order_by(post.c.id.desc())
        .limit(STAKES_POSTS)
    )
    rows = connection.execute(newest).all()
    held = [row for row in rows if row.reasons and all(one["phase"] == _RULE for one in row.reasons)]
    people = [UserId(one) for one in dict.fromkeys(row.author_id for row in rows)][:STAKES_AUTHORS]
    return {
        "waiting": waiting,
        "looked_at": len(rows),
        "held": len(held),
        "refused": sum(row.ruling == "reject" for row in held),
        "authors": _levels(connection, people),
    }


def _levels(connection: Connection, people: list[UserId]) -> dict[str, int]:
    query = select(trust.c.user_id, trust.c.level).where(trust.c.user_id.in_(people))
    said = {row.user_id: Trust(row.level) for row in connection.execute(query)} if people else {}
    found = Counter(said.get(user) or derived(connection, user) for user in people)
    return {level.value: found[level] for level in Trust}
