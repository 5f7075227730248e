"""The reads of moderation, as `moderation/ports.py: ReviewStore` asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, and_, func, select

from kernel.clock import Clock
from kernel.ids import PostId, RoomId, SourceKey, UserId
from moderation.appeals import AppealPlace
from moderation.commands import WaitingPost
from moderation.evidence import ChainReport, SealPlace
from moderation.ports import RECENT_MAX
from persistence.appeal_reads import read_appeal_place, read_appeals, read_sanction_place
from persistence.asked_reads import read_asked
from persistence.author_reads import read_author
from persistence.database import Database
from persistence.gathered import Gathered
from persistence.item_history import read_item
from persistence.ledger_reads import read_ledger
from persistence.own_posts import read_all_mine, read_mute
from persistence.prepared import Among, Prepared
from persistence.proposal_reads import read_lapsed, read_proposals
from persistence.queue_reads import read_beside, read_queue, reasons_of
from persistence.reader import Reader, storable
from persistence.report_reads import read_report_cases
from persistence.room_rows import read_rooms_by_id
from persistence.schema import post, post_version, question
from persistence.seals import check_seals, read_due, read_seals
from persistence.trust_rows import asks_for_trust, read_trust
from rooms.commands import PostReceipt
from rooms.model import PostKind, PostState, Room, Trust
from rooms.proposals import ProposalState

Where: TypeAlias = tuple[RoomId, UserId, PostKind]
Surroundings: TypeAlias = tuple[Room | None, tuple[str, ...], Trust]


class ReviewReads(Reader):
    """What moderators look at, and what the phases look back at."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        super().__init__(database, clock)
        # Asked for every post of a netizen.
        self._surroundings: Gathered[Where, Surroundings] = Gathered(database, _read_surroundings, "surroundings")

    async def queue(
        self, room: RoomId | None, state: str | None, cursor: str | None, limit: int, now: int
    ) -> tuple[list[WaitingPost], str | None]:
        if room is not None and not storable(room):
            return [], None
        return await self.database.read(
            partial(read_queue, room=room, state=state, cursor=cursor, limit=limit, now=now)
        )

    async def waiting_beside(self, post: PostId, now: int) -> list[WaitingPost]:
        if not storable(post):
            return []
        return await self.database.read(partial(read_beside, wanted=post, now=now))

    async def receipt(self, room: RoomId, user: UserId, cid: str) -> PostReceipt | None:
        if not storable(room, user, cid):
            return None
        return await self.database.read(partial(_receipt, room=room, user=user, cid=cid))

    async def surroundings(self, room: RoomId, user: UserId, kind: PostKind) -> Surroundings:
        if not storable(room, user):
            return None, (), Trust.NEW
        return await self._surroundings.get((room, user, kind))

    async def author_history(self, author: UserId, room: RoomId | None) -> dict[str, Any]:
        known = storable(author) and (room is None or storable(room))
        asked = author if known else UserId("")
        return await self.database.read(partial(read_author, author=asked, room=room if known else None))

    async def item_history(
        self, post: PostId, cursor: str | None, limit: int, *, unpublished: bool
    ) -> tuple[list[dict[str, Any]], str | None] | None:
        if not storable(post):
            return None
        asked = partial(read_item, wanted=post, cursor=cursor, limit=limit, unpublished=unpublished)
        return await self.database.read(asked)

    async def asked(self, post: PostId) -> list[dict[str, Any]]:
        return await self.database.read(partial(read_asked, about=post)) if storable(post) else []

    async def appeals(
        self, room: RoomId | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        if room is not None and not storable(room):
            return [], None
        return await self.database.read(partial(read_appeals, room=room, state=state, cursor=cursor, limit=limit))

    async def report_cases(
        self, room: RoomId | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        if room is not None and not storable(room):
            return [], None
        return await self.database.read(partial(read_report_cases, room=room, state=state, cursor=cursor, limit=limit))

    async def proposals(
        self, room: RoomId | None, state: ProposalState, cursor: str | None, limit: int, now: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        if room is not None and not storable(room):
            return [], None
        asked = partial(read_proposals, room=room, state=state, cursor=cursor, limit=limit, now=now)
        return await self.database.read(asked)

    async def lapsed_proposals(self, now: int) -> list[PostId]:
        return await self.database.read(partial(read_lapsed, now=now))

    async def seals(
        self, room: RoomId | None, cursor: str | None, limit: int, post: PostId | None = None
    ) -> tuple[list[dict[str, Any]], str | None]:
        if not storable(room or "", post or ""):
            return [], None
        return await self.database.read(partial(read_seals, room=room, cursor=cursor, limit=limit, post=post))

    async def due_seals(
        self, before: int, after: SealPlace | None, limit: int
    ) -> tuple[list[tuple[PostId, int]], SealPlace | None]:
        return await self.database.read(partial(read_due, before=before, after=after, limit=limit))

    async def check_seals(self) -> ChainReport:
        return await self.database.read(check_seals)

    async def ledger(self, room: RoomId) -> dict[str, Any]:
        return await self.database.read(partial(read_ledger, room=room))

    async def all_mine(self, user: UserId, limit: int, sources: Sequence[SourceKey] = ()) -> dict[str, Any]:
        asked, now = (user if storable(user) else UserId("")), self.clock.now_ms()
        return await self.database.read(partial(read_all_mine, user=asked, limit=limit, now=now, sources=sources))

    async def appeal_place(self, appeal: str) -> AppealPlace | None:
        if not storable(appeal):
            return None
        return await self.database.read(partial(read_appeal_place, appeal_id=appeal))

    async def sanction_place(self, sanction: str) -> AppealPlace | None:
        if not storable(sanction):
            return None
        return await self.database.read(partial(read_sanction_place, sanction_id=sanction))

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


def _newest_of_each(among: Among) -> Select[Any]:
    """What the author took back may be said again."""
    numbered = (
        select(
            post.c.id,
            post.c.version,
            post.c.room_id,
            post.c.author_id,
            post.c.kind,
            func.row_number()
            .over(partition_by=(post.c.room_id, post.c.author_id, post.c.kind), order_by=post.c.id.desc())
            .label("place"),
        )
        .where(among(post.c.room_id, "rooms"), among(post.c.author_id, "authors"))
        .where(post.c.state != PostState.WITHDRAWN.value)
        .subquery()
    )
    return (
        select(numbered.c.room_id, numbered.c.author_id, numbered.c.kind, post_version.c.body)
        .join(post_version, and_(post_version.c.post_id == numbered.c.id, post_version.c.version == numbered.c.version))
        .where(numbered.c.place <= RECENT_MAX)
        .order_by(numbered.c.id.desc())
    )


_NEWEST = Prepared(_newest_of_each)


def _read_surroundings(connection: Connection, keys: Sequence[Where]) -> dict[Where, Surroundings]:
    rooms = read_rooms_by_id(connection, list({room for room, _, _ in keys}))
    # By the kind's name: to make a kind of every row costs more than all else here.
    recent: dict[tuple[str, str, str], list[str]] = {(room, user, kind.value): [] for room, user, kind in keys}
    rows = _NEWEST(connection, rooms=set(rooms), authors={user for _, user, _ in keys}).all()
    for room, author, kind, body in map(tuple, rows):
        bodies = recent.get((room, author, kind))
        if bodies is not None:
            bodies.append(body)
    trust = read_trust(connection, {user for room, user, _ in keys if asks_for_trust(rooms[room])}, rooms.values())
    return {
        (room, user, kind): (rooms[room], tuple(recent[room, user, kind.value]), trust.get(user, Trust.NEW))
        for room, user, kind in keys
    }


def _muted_until(connection: Connection, room: RoomId, user: UserId, now: int) -> int | None:
    mute = read_mute(connection, room, user, now)
    return None if mute is None else int(mute["until"])
