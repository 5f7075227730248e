"""What concerns one user alone: read whole, told whole, one read at a time for a user and room."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from gateway.live.session import Session
from kernel.clock import Clock
from kernel.ids import RoomId, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.model import Lane
from rooms.ports import Item, RoomStore

POSTS: Final = 50
NOTHING: Final[Mapping[str, Any]] = MappingProxyType(
    {"posts": [], "mute": None, "warnings": [], "reports": [], "votes": {}, "wait_p50_s": None}
)
READS_AT_ONCE: Final = 16
# Stopped by where they write from: past so many the longest known learn with the next deed, or `join`, that it is over.
STOPPED_MAX: Final = 1_000

_log = logging.getLogger(__name__)


class OwnState:
    """`me` frames. A newer `ver` is newer news, on whichever node: it follows the clock."""

    def __init__(self, store: RoomStore, clock: Clock, sessions: Callable[[UserId], Iterable[Session]]) -> None:
        self._store = store
        self._clock = clock
        self._sessions = sessions
        self._version = 0
        self._gate = asyncio.Semaphore(READS_AT_ONCE)
        # Present while a refresh runs; True when something has happened since it began to read.
        self._refreshing: dict[tuple[UserId, RoomId], bool] = {}
        self._stopped: dict[tuple[UserId, RoomId], None] = {}

    async def read(self, actor: Actor, room: RoomId) -> dict[str, Any]:
        version = self._next_version()
        if actor.id is None:
            return {"ver": version, **NOTHING}
        async with self._gate:
            mine = await self._store.my(room, actor.id, POSTS, actor.sources)
        self._note_stopped(actor.id, room, mine)
        return {"ver": version, **mine}

    def touch(self, user: UserId, room: RoomId) -> None:
        """Something about this user changed in this room; if it is watched here, tell."""
        key = (user, room)
        if key in self._refreshing:
            self._refreshing[key] = True
        elif self._watching(user, room):
            self._refreshing[key] = True
            spawn(self._refresh(user, room), name=f"me of {user}")

    def touch_elsewhere(self, user: UserId, room: RoomId) -> None:
        """As `touch`, where the socket that did it knows already: worth a read only if there is another."""
        if len(self._watching(user, room)) > 1:
            self.touch(user, room)

    def applied(self, room: RoomId, lane: Lane, items: list[Item]) -> None:
        """Moderators' items name whom they concern; nobody else ever receives them."""
        if lane is Lane.MOD:
            for author in {item["author"] for item in items if item.get("author")}:
                self.touch(UserId(author), room)
            if any(item["k"] == "sanction" and not item["until"] for item in items):
                self._touch_stopped(room)

    def _note_stopped(self, user: UserId, room: RoomId, mine: Mapping[str, Any]) -> None:
        """No item names them: what stops them was decided on somebody else's card."""
        if "by" not in (mine["mute"] or {}):
            return
        self._stopped[user, room] = None
        if len(self._stopped) > STOPPED_MAX:
            del self._stopped[next(iter(self._stopped))]

    def _touch_stopped(self, room: RoomId) -> None:
        for key in [one for one in self._stopped if one[1] == room]:
            del self._stopped[key]
            self.touch(*key)

    async def _refresh(self, user: UserId, room: RoomId) -> None:
        key = (user, room)
        try:
            while self._refreshing[key]:
                self._refreshing[key] = False
                version = self._next_version()
                # Almost always one; of somebody at two addresses, what stops them at one is no news at the other.
                for sources in {session.actor.sources for session in self._watching(user, room)}:
                    async with self._gate:
                        mine = await self._store.my(room, user, POSTS, sources)
                    self._note_stopped(user, room, mine)
                    for session in self._watching(user, room):
                        if session.actor.sources == sources:
                            session.tell_own(room, {"t": "me", "r": room, "ver": version, **mine})
        except Refusal:
            _log.info("me of a user in %s not told: the store is away", room)
        finally:
            del self._refreshing[key]

    def _watching(self, user: UserId, room: RoomId) -> list[Session]:
        return [session for session in self._sessions(user) if room in session.listener.rooms]

    def _next_version(self) -> int:
        self._version = max(self._version + 1, self._clock.now_ms())
        return self._version
