"""What ends by itself is said to have ended: the looking that emergencies and proposals share."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from kernel.clock import Clock
from kernel.refusals import Refusal
from kernel.tasks import spawn

LOOK_S: Final = 2.0

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Ending(ABC, Generic[T]):
    """One task a node; of several nodes one says it, the others find it said. `name` is what logs call it."""

    name: str

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def over(self, now: int) -> Sequence[T]:
        """What has run out at `now` (ms) and is not said to have."""

    @abstractmethod
    async def end(self, one: T, now: int) -> None:
        """Says so."""

    def start(self) -> None:
        self._task = spawn(self._run(), name=self.name)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def once(self) -> None:
        now = self._clock.now_ms()
        for one in await self.over(now):
            try:
                await self.end(one, now)
            except Refusal as refusal:
                if refusal.code.temporary:
                    raise
            except Exception:
                # Of one: the others behind it do not wait until it is mended.
                _log.exception("%s: %s could not be ended", self.name, one)

    async def _run(self) -> None:
        while True:
            # While the store is away nothing is decided either; the next look finds it.
            try:
                await self.once()
            except Refusal:
                pass
            except Exception:
                _log.exception("%s: what has run out could not be read", self.name)
            await asyncio.sleep(LOOK_S)
