"""Says of every proposal that ended by itself that it has ended; decisions do not wait for that."""

from __future__ import annotations

import asyncio
import logging
from typing import Final, Protocol

from kernel.clock import Clock
from kernel.ids import PostId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.proposal_commands import EndHiding

LOOK_S: Final = 2.0

_log = logging.getLogger(__name__)


class LapsingStore(Protocol):
    async def lapsed_proposals(self, now: int) -> list[PostId]: ...
    async def commit(self, command: EndHiding) -> object: ...


class Lapsing:
    """One task a node; of several nodes one says it, the others find it said."""

    def __init__(self, store: LapsingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = spawn(self._run(), name="lapsing")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def once(self) -> None:
        now = self._clock.now_ms()
        for post in await self._store.lapsed_proposals(now):
            try:
                await self._store.commit(EndHiding(post, now))
            except Refusal as refusal:
                if refusal.code.temporary:
                    raise
            except Exception:
                # Of one: the others behind it do not wait until it is mended.
                _log.exception("a proposal that has lapsed could not be ended")

    async def _run(self) -> None:
        while True:
            # While the store is away nothing is decided either; the next look finds it.
            try:
                await self.once()
            except Refusal:
                pass
            except Exception:
                _log.exception("proposals that have lapsed could not be read")
            await asyncio.sleep(LOOK_S)
