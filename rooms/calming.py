"""Says of every emergency that ended by itself that it has ended; decisions do not wait for that."""

from __future__ import annotations

import asyncio
import logging
from typing import Final, Protocol

from kernel.clock import Clock
from kernel.ids import RoomId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.commands import EndEmergency, RoomCommand

LOOK_S: Final = 2.0

_log = logging.getLogger(__name__)


class CalmingStore(Protocol):
    async def over(self, now: int) -> list[RoomId]: ...
    async def commit(self, command: RoomCommand) -> object: ...


class Calming:
    """One task a node; of several nodes one says it, the others find it said."""

    def __init__(self, store: CalmingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = spawn(self._run(), name="calming")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def once(self) -> None:
        now = self._clock.now_ms()
        for room in await self._store.over(now):
            await self._store.commit(EndEmergency(room, now))

    async def _run(self) -> None:
        while True:
            # While the store is away nothing is posted either; the next look finds it.
            try:
                await self.once()
            except Refusal:
                pass
            except Exception:
                _log.exception("what has run out could not be ended")
            await asyncio.sleep(LOOK_S)
