"""The reads of moderation, as `moderation/ports.py: ReviewStore` asks for them."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection, and_, select

from kernel.ids import PostId, RoomId, UserId
from moderation.commands import WaitingPost
from persistence.author_reads import read_author
from persistence.own_posts import read_mute
from persistence.queue_reads import read_queue, reasons_of
from persistence.reader import PAGE_MAX, Reader, storable
from persistence.schema import post, post_version, question
from rooms.commands import PostReceipt
from rooms.model import PostKind, PostState


class ReviewReads(Reader):
    """What moderators look at, and what the phases look back at."""

    async def queue(
        self, room: RoomId | None, state: str | None, cursor: str | None, limit: int, now: int
    ) -> tuple[list[WaitingPost], str | None]:
        if room is not None and not storable(room):
            return [], None
        return await self.database.read(
            partial(read_queue, room=room, state=state, cursor=cursor, limit=limit, now=now)
        )

    async def receipt(self, room: RoomId, user: UserId, cid: str) -> PostReceipt | None:
        if not storable(room, user, cid):
            return None
        return await self.database.read(partial(_receipt, room=room, user=user, cid=cid))

    async def recent_bodies(self, room: RoomId, user: UserId, kind: PostKind, limit: int) -> list[str]:
        if not storable(room, user):
            return []
        return await self.database.read(partial(_recent_bodies, room=room, user=user, kind=kind, limit=limit))

    async def author_history(self, author: UserId, room: RoomId | None) -> dict[str, Any]:
        known = storable(author) and (room is None or storable(room))
        asked = author if known else UserId("")
        return await self.database.read(partial(read_author, author=asked, room=room if known else None))

    async def muted_until(self, room: RoomId, user: UserId, now: int) -> int | None:
        if not storable(room, user):
            return None
        return await self.database.read(partial(_muted_until, room=room, user=user, now=now))


def _receipt(connection: Connection, room: RoomId, user: UserId, cid: str) -> PostReceipt | None:
    query = (
        select(post.c.id, post.c.state, post.c.version, post.c.seq, post.c.reasons, question.c.number)
        .outerjoin(question, and_(question.c.id == post.c.question_id, post.c.kind == PostKind.QUESTION.value))
        .where(post.c.room_id == room, post.c.author_id == user, post.c.cid == cid)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return PostReceipt(
        post=PostId(row.id),
        room=room,
        state=PostState(row.state),
        version=row.version,
        seq=row.seq,
        number=row.number,
        reasons=reasons_of(row.reasons),
        repeated=True,
    )


def _recent_bodies(connection: Connection, room: RoomId, user: UserId, kind: PostKind, limit: int) -> list[str]:
    """What the author took back may be said again."""
    query = (
        select(post_version.c.body)
        .join(post, and_(post.c.id == post_version.c.post_id, post.c.version == post_version.c.version))
        .where(post.c.room_id == room, post.c.author_id == user, post.c.kind == kind.value)
        .where(post.c.state != PostState.WITHDRAWN.value)
        .order_by(post.c.id.desc())
        .limit(max(0, min(limit, PAGE_MAX)))
    )
    return list(connection.execute(query).scalars())


def _muted_until(connection: Connection, room: RoomId, user: UserId, now: int) -> int | None:
    mute = read_mute(connection, room, user, now)
    return None if mute is None else int(mute["until"])
