"""The reads of the live room, as `rooms/ports.py: RoomStore` asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from kernel.clock import Clock
from kernel.ids import PostId, RoomId, SourceKey, UserId
from kernel.refusals import Refusal
from persistence.database import Database
from persistence.gathered import Gathered
from persistence.lane_reads import read_events, read_heads, renew_epoch
from persistence.own_posts import read_my
from persistence.reader import Reader, storable
from persistence.room_rows import (
    read_over,
    read_post_room,
    read_room,
    read_rooms,
    read_rooms_by_id,
    read_seated,
    read_thread_of,
)
from persistence.schema import room as rooms_table
from persistence.snapshots import read_snapshot
from persistence.transcript_reads import read_questions, read_transcript
from rooms.model import Lane, Room, RoomState
from rooms.ports import Head, Slice, Snapshot


class RoomReads(Reader):
    """Each read is one transaction with one consistent view."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        super().__init__(database, clock)
        # Asked for every post.
        self._rooms_by_id: Gathered[RoomId, Room | None] = Gathered(database, read_rooms_by_id, "rooms by id")

    async def room(self, room: RoomId) -> Room | None:
        if not storable(room):
            return None
        return await self._rooms_by_id.get(room)

    async def room_by_code(self, code: str) -> Room | None:
        if not storable(code):
            return None
        return await self.database.read(partial(read_room, wanted=rooms_table.c.code == code))

    async def rooms(self, state: RoomState | None, cursor: str | None, limit: int) -> tuple[list[Room], str | None]:
        return await self.database.read(partial(read_rooms, state=state, cursor=cursor, limit=limit))

    async def post_room(self, post: PostId) -> RoomId | None:
        if not storable(post):
            return None
        return await self.database.read(partial(read_post_room, wanted=post))

    async def thread_of(self, post: PostId) -> tuple[RoomId, PostId] | None:
        if not storable(post):
            return None
        return await self.database.read(partial(read_thread_of, wanted=post))

    async def over(self, now: int) -> list[RoomId]:
        return await self.database.read(partial(read_over, now=now))

    async def seated(self, room: RoomId, user: UserId) -> bool:
        if not storable(room, user):
            return False
        return await self.database.read(partial(read_seated, wanted=room, user=user))

    async def heads(self, rooms: Sequence[RoomId]) -> dict[tuple[RoomId, Lane], Head]:
        wanted = [room for room in dict.fromkeys(rooms) if storable(room)]
        return await self.database.read(partial(read_heads, rooms=wanted))

    async def renew_epoch(self, room: RoomId, lane: Lane, epoch: str) -> Head:
        _known(room)
        return await self.database.write(partial(renew_epoch, room=room, wanted=lane, epoch=epoch))

    async def events(self, room: RoomId, lane: Lane, after: int, limit: int) -> Slice:
        _known(room)
        return await self.database.read(partial(read_events, room=room, wanted=lane, after=after, limit=limit))

    async def snapshot(self, room: RoomId, lane: Lane, tail: int) -> Snapshot:
        _known(room)
        return await self.database.read(partial(read_snapshot, wanted=room, lane=lane, tail=tail))

    async def questions(self, room: RoomId, before: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        _known(room)
        return await self.database.read(partial(read_questions, wanted=room, before=before, limit=limit))

    async def my(self, room: RoomId, user: UserId, limit: int, sources: Sequence[SourceKey] = ()) -> dict[str, Any]:
        if not storable(room, user):
            return {"posts": [], "mute": None, "warnings": [], "reports": [], "votes": {}, "wait_p50_s": None}
        return await self.database.read(
            partial(read_my, room=room, user=user, limit=limit, now=self.clock.now_ms(), sources=sources),
        )

    async def transcript(self, room: RoomId) -> dict[str, Any]:
        _known(room)
        return await self.database.read(partial(read_transcript, wanted=room))


def _known(room: RoomId) -> None:
    if not storable(room):
        raise Refusal("no_room")
