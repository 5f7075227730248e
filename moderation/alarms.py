"""Who should come is told once when nobody is at the queue or it grew too old, and once more when that is over.

Every node looks; what stands, and whether it was told, is one row a kind in the store, and who moves the row speaks.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from kernel.clock import Clock
from moderation.queue_health import BACKLOG_LINE, MINUTE_MS, OLDEST_LINE_MS, QueueHealth, unattended

# A question that came while somebody was getting coffee is nobody's alarm.
UNATTENDED_AFTER_MS: Final = MINUTE_MS
# Then it is given up: about an hour after the first.
TRIES_MAX: Final = 10
PAUSE_MS: Final = 15_000
PAUSE_MAX_MS: Final = 10 * MINUTE_MS

_log = logging.getLogger(__name__)


class Alarm(StrEnum):
    UNATTENDED = "unattended"  # something waits, and no moderator is on duty or decides
    BEHIND = "behind"  # too much waits, or for too long


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """How an alarm stands since `since`; `told` once somebody was told so, or need not be; next tried at `next_at`."""

    alarm: Alarm
    raised: bool
    since: int
    told: bool
    tries: int
    next_at: int


@dataclass(frozen=True, slots=True)
class AlarmWord:
    """What is said: the same `id` however often it had to be said. Times in milliseconds."""

    alarm: Alarm
    raised: bool
    since: int
    on_duty: int
    figures: QueueHealth

    @property
    def id(self) -> str:
        return f"{self.alarm.value}-{self.since}-{'on' if self.raised else 'over'}"

    def to_wire(self) -> dict[str, object]:
        return {
            "alarm": self.alarm.value,
            "state": "on" if self.raised else "over",
            "since": self.since,
            "waiting": self.figures.waiting,
            "oldest_ms": self.figures.oldest_ms,
            "wait_p95_ms": self.figures.wait_p95_ms,
            "decided_5m": self.figures.decided[0],
            "on_duty": self.on_duty,
        }


class AlarmStore(Protocol):
    async def alarms(self) -> list[AlarmRow]: ...

    async def turn_alarm(self, alarm: Alarm, *, raised: bool, at: int) -> None:
        """Raises or ends it, unless it stands so. An end is told only if the beginning was, or may have been."""
        ...

    async def claim_alarm(self, row: AlarmRow, now: int, next_at: int) -> bool:
        """Whether it is the caller's to tell; nobody else tries before `next_at`."""
        ...

    async def settle_alarm(self, row: AlarmRow) -> None:
        """Told, or given up: nobody tells it any more, unless it stands otherwise by now."""
        ...


class AlarmTeller(Protocol):
    async def tell(self, word: AlarmWord) -> None:
        """Raises when nobody heard it. Takes seconds at most."""
        ...


class Alarms:
    """Asked after each look at the queue, on every node."""

    def __init__(self, store: AlarmStore, teller: AlarmTeller, clock: Clock) -> None:
        self._store = store
        self._teller = teller
        self._clock = clock
        self._counts: Counter[str] = Counter()

    def measures(self) -> Mapping[str, float]:
        """Of this node: what it told, how often nobody listened, and what it gave up."""
        return {f"alarms_{name}": float(self._counts[name]) for name in ("told_total", "failed_total", "lost_total")}

    async def look(self, figures: QueueHealth, on_duty: int) -> None:
        rows = {row.alarm: row for row in await self._store.alarms()}
        standing = {alarm for alarm, row in rows.items() if row.raised}
        wanted = raised(figures, on_duty, standing)
        turned = wanted ^ standing
        for alarm in sorted(turned):
            await self._store.turn_alarm(alarm, raised=alarm in wanted, at=self._clock.now_ms())
        for row in await self._store.alarms() if turned else rows.values():
            if not row.told:
                await self._tell(row, figures, on_duty)

    async def _tell(self, row: AlarmRow, figures: QueueHealth, on_duty: int) -> None:
        now = self._clock.now_ms()
        pause = min(PAUSE_MS * 2**row.tries, PAUSE_MAX_MS)
        if row.next_at > now or not await self._store.claim_alarm(row, now, now + pause):
            return
        try:
            await self._teller.tell(AlarmWord(row.alarm, row.raised, row.since, on_duty, figures))
        except Exception as fault:
            self._counts["failed_total"] += 1
            given_up = row.tries + 1 >= TRIES_MAX
            # Its type alone: an address may carry a secret of the other side.
            _log.error(
                "nobody could be told that the alarm %s is %s: %s%s",
                *(row.alarm.value, "on" if row.raised else "over", type(fault).__name__),
                "; given up" if given_up else "",
            )
            if not given_up:
                return
            self._counts["lost_total"] += 1
        else:
            self._counts["told_total"] += 1
        await self._store.settle_alarm(row)


def raised(figures: QueueHealth, on_duty: int, standing: Collection[Alarm]) -> set[Alarm]:
    """What is to be raised, or to stay so: the end lies a quarter below the beginning, or it would ring all evening."""
    wanted: set[Alarm] = set()
    oldest = figures.oldest_ms or 0
    if unattended(figures, on_duty) and (oldest >= UNATTENDED_AFTER_MS or Alarm.UNATTENDED in standing):
        wanted.add(Alarm.UNATTENDED)
    lines: Sequence[float] = (BACKLOG_LINE, OLDEST_LINE_MS)
    if Alarm.BEHIND in standing:
        lines = [0.75 * line for line in lines]
    if figures.waiting > lines[0] or oldest > lines[1]:
        wanted.add(Alarm.BEHIND)
    return wanted
