"""Judges outside the phases: asked last, for a bounded time, and never able to let a post through by failing."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from kernel.clock import Clock
from kernel.ids import RoomId
from moderation.drafts import Context, Draft
from moderation.verdicts import ADMITTED, Verdict, hold
from rooms.model import Reason

TIMEOUT_S: Final = 0.8
# Questions on their way to one judge. One more is not asked: its post waits for a person.
ASKED_MAX: Final = 64
# After so many failures in a row a judge is left alone for a while, and posts do not wait for it.
FAILURES_MAX: Final = 5
REST_MS: Final = 10_000

_log = logging.getLogger(__name__)


class Judge(Protocol):
    """`name` is the phase its reasons are shown under: `hook`, or `plugin`."""

    name: str

    async def judge(self, draft: Draft, context: Context) -> Verdict | None:
        """What it finds, None for nothing. Whatever it raises, and whatever takes longer than the time-out, holds."""
        ...


class Judges:
    """Asks each in turn until one refuses."""

    def __init__(
        self,
        judges: Sequence[Judge] = (),
        clock: Clock | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        rooms: frozenset[RoomId] = frozenset(),
    ) -> None:
        self._asked = [_Asked(judge, clock, timeout_s) for judge in judges]
        self._rooms = rooms

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(asked.name for asked in self._asked)

    async def ask(self, draft: Draft, context: Context, found: Verdict) -> Verdict:
        """What the phases `found`, joined by what the judges add. Without judges it costs nothing."""
        if not self._asked or (self._rooms and context.room not in self._rooms):
            return found
        for asked in self._asked:
            if found.decisive:
                break
            found = found.joined(await asked.ask(draft, context))
        return found

    def measures(self) -> Mapping[str, float]:
        counted: Counter[str] = Counter()
        for asked in self._asked:
            counted.update(asked.counts)
        return {f"judges_{name}": float(counted[name]) for name in ("asked_total", "failed_total", "spared_total")}


class _Asked:
    """One judge with its bound, its time-out, and its circuit breaker."""

    def __init__(self, judge: Judge, clock: Clock | None, timeout_s: float) -> None:
        self.name = judge.name
        self.counts: Counter[str] = Counter()
        self._judge = judge
        self._clock = clock
        self._timeout_s = timeout_s
        self._under_way = 0
        self._failures = 0
        self._rests_until = 0

    async def ask(self, draft: Draft, context: Context) -> Verdict:
        now = 0 if self._clock is None else self._clock.now_ms()
        # Resting; or, after the rest, one question on its way to find out, and the others do not wait for it.
        trying = self._failures >= FAILURES_MAX
        if (trying and (now < self._rests_until or self._under_way)) or self._under_way >= ASKED_MAX:
            self.counts["spared_total"] += 1
            return self._unreachable()
        self.counts["asked_total"] += 1
        self._under_way += 1
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._judge.judge(draft, context)
            if not (answer is None or isinstance(answer, Verdict)):
                raise TypeError(f"a verdict or None expected, not {type(answer).__name__}")
        except Exception as failure:
            self._failed(failure, now)
            return self._unreachable()
        finally:
            self._under_way -= 1
        self._failures = 0
        return ADMITTED if answer is None else answer

    def _failed(self, failure: Exception, now: int) -> None:
        self.counts["failed_total"] += 1
        self._failures += 1
        self._rests_until = now + REST_MS
        if self._failures <= FAILURES_MAX:
            # Its type alone: a message may quote the text, and logs never hold bodies.
            _log.error("judge %s failed (%s): the post is held", self.name, type(failure).__name__)

    def _unreachable(self) -> Verdict:
        return hold(Reason(self.name, category="unreachable"))


NO_JUDGES = Judges()
