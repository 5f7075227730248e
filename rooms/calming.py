"""Says of every emergency that ended by itself that it has ended; decisions do not wait for that."""

from __future__ import annotations

from typing import Protocol

from kernel.clock import Clock
from kernel.ids import RoomId
from rooms.commands import EndEmergency, RoomCommand
from rooms.ending import Ending


class CalmingStore(Protocol):
    async def over(self, now: int) -> list[RoomId]: ...
    async def commit(self, command: RoomCommand) -> object: ...


class Calming(Ending[RoomId]):
    name = "calming"

    def __init__(self, store: CalmingStore, clock: Clock) -> None:
        super().__init__(clock)
        self._store = store

    async def over(self, now: int) -> list[RoomId]:
        return await self._store.over(now)

    async def end(self, one: RoomId, now: int) -> None:
        await self._store.commit(EndEmergency(one, now))
