"""Rooms as last read, for the many who join at once: read again whenever their public lane has moved."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.handlers import Rooms
from rooms.hosted import Hosted
from rooms.model import Lane, Room

State = tuple[str, int]


class Directory:
    """Whoever is refused by what is remembered here must be judged by a fresh read: a seat may just have been given."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._known: WeakKeyDictionary[Hosted, tuple[State, Room]] = WeakKeyDictionary()
        self._reads: dict[Hosted, asyncio.Task[Room | Refusal]] = {}

    async def get(self, hosted: Hosted) -> Room:
        known = self._known.get(hosted)
        if known is not None and known[0] == _state(hosted):
            return known[1]
        task = self._reads.get(hosted)
        if task is None:
            task = self._reads[hosted] = spawn(self._read(hosted), name=f"room {hosted.feed.room}")
        answer = await asyncio.shield(task)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def _read(self, hosted: Hosted) -> Room | Refusal:
        state = _state(hosted)
        try:
            room = await self._rooms.get(hosted.feed.room)
        except Refusal as refusal:
            return refusal
        else:
            self._known[hosted] = (state, room)
            return room
        finally:
            del self._reads[hosted]


def _state(hosted: Hosted) -> State:
    pub = hosted.feed.lanes[Lane.PUB]
    return pub.epoch, pub.applied
