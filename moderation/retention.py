"""Sealed texts whose time is over are erased: a page at a time, beside the posts, on whichever node comes first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final, Protocol

from kernel.clock import Clock
from kernel.ids import PostId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.commands import Command, Outcome
from moderation.evidence import SealPlace
from moderation.evidence_commands import EraseSealed, SealErased

DAY_MS: Final = 86_400_000
PAGE: Final = 200
# The first look is not made while a node has everything else to do.
FIRST_S: Final = 60.0
LOOK_S: Final = 6 * 3600.0

_log = logging.getLogger(__name__)


class RetentionStore(Protocol):
    async def due_seals(
        self, before: int, after: SealPlace | None, limit: int
    ) -> tuple[list[tuple[PostId, int]], SealPlace | None]:
        """Sealed texts still there, of seals older than `before`, oldest first; where the next page begins."""
        ...

    async def commit(self, command: Command) -> Outcome: ...


class Retention:
    """`days` is how long a sealed text is kept; 0: for ever."""

    def __init__(self, store: RetentionStore, clock: Clock, days: int) -> None:
        self._store = store
        self._clock = clock
        self._days = days
        self._erased = 0
        self._task: asyncio.Task[None] | None = None

    def measures(self) -> Mapping[str, float]:
        return {"evidence_erased_total": float(self._erased)}

    def start(self) -> None:
        if self._days:
            self._task = spawn(self._run(), name="retention")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def once(self) -> int:
        """One pass over everything that is old enough; answers how many texts it erased."""
        now = self._clock.now_ms()
        before = now - self._days * DAY_MS
        place: SealPlace | None = None
        erased = 0
        while self._days:
            due, place = await self._store.due_seals(before, place, PAGE)
            for post, ver in due:
                # One after the other: posts come first, and nobody waits for this.
                erased += await self._erase(EraseSealed(post, ver, before, now))
            if place is None:
                break
        if erased:
            self._erased += erased
            _log.info("%d sealed texts were erased: their time was over", erased)
        return erased

    async def _erase(self, command: EraseSealed) -> bool:
        try:
            outcome = await self._store.commit(command)
        except Refusal as refusal:
            if refusal.code.temporary:
                raise
            return False
        return isinstance(outcome, SealErased) and outcome.erased

    async def _run(self) -> None:
        await asyncio.sleep(FIRST_S)
        while True:
            try:
                await self.once()
            except Refusal:
                pass  # the store is away; the next look finds it
            except Exception:
                _log.exception("sealed texts could not be erased")
            await asyncio.sleep(LOOK_S)
