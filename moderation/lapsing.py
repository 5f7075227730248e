"""Says of every proposal that ended by itself that it has ended; decisions do not wait for that."""

from __future__ import annotations

from typing import Protocol

from kernel.clock import Clock
from kernel.ids import PostId
from moderation.proposal_commands import EndHiding
from rooms.ending import Ending


class LapsingStore(Protocol):
    async def lapsed_proposals(self, now: int) -> list[PostId]: ...
    async def commit(self, command: EndHiding) -> object: ...


class Lapsing(Ending[PostId]):
    name = "lapsing"

    def __init__(self, store: LapsingStore, clock: Clock) -> None:
        super().__init__(clock)
        self._store = store

    async def over(self, now: int) -> list[PostId]:
        return await self._store.lapsed_proposals(now)

    async def end(self, one: PostId, now: int) -> None:
        await self._store.commit(EndHiding(one, now))
