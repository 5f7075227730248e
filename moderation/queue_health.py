"""How the review queue fares, from when each text came and when each was decided: pure, in milliseconds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MINUTE_MS: Final = 60_000
# What is looked back at, a point for each minute.
LOOK_BACK_MIN: Final = 30
RECENT_MIN: Final = 5
# So many, or so long, and the desk says that more hands are needed.
BACKLOG_LINE: Final = 40
OLDEST_LINE_MS: Final = 10 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """`arrived` and `decided`: of the last 5 and 30 minutes. `line` is how many waited at each full minute back, oldest

    first and now last. `on_duty`: moderators who decided something within the last 30 minutes.
    """

    waiting: int
    oldest_ms: int | None
    wait_p50_ms: int | None
    wait_p95_ms: int | None
    arrived: tuple[int, int]
    decided: tuple[int, int]
    line: tuple[int, ...]
    on_duty: tuple[str, ...]

    @property
    def over(self) -> bool:
        """Whether more waits, or for longer, than a desk should bear."""
        return self.waiting > BACKLOG_LINE or (self.oldest_ms or 0) > OLDEST_LINE_MS

    def to_wire(self) -> dict[str, object]:
        return {
            "waiting": self.waiting,
            "oldest_ms": self.oldest_ms,
            "wait_p50_ms": self.wait_p50_ms,
            "wait_p95_ms": self.wait_p95_ms,
            "arrived": list(self.arrived),
            "decided": list(self.decided),
            "line": list(self.line),
            "backlog_line": BACKLOG_LINE,
            "over": self.over,
        }


def unattended(figures: QueueHealth, here: int) -> bool:
    """Whether something waits and nobody is there: no moderator on duty, and none who decided lately all the same."""
    return figures.waiting > 0 and here == 0 and figures.decided[0] == 0


@dataclass(frozen=True, slots=True)
class Decided:
    """A text that was ruled on: when it came, when, and by whom."""

    came: int
    at: int
    by: str


def health_of(now: int, waiting: Sequence[int], decided: Sequence[Decided]) -> QueueHealth:
    """`waiting` says since when each waits; `decided` are those of the last 30 minutes, in any order."""
    waits = sorted(max(0, one.at - one.came) for one in decided)
    came = sorted([*waiting, *(one.came for one in decided)])
    at = sorted(one.at for one in decided)
    return QueueHealth(
        waiting=len(waiting),
        oldest_ms=max(0, now - min(waiting)) if waiting else None,
        wait_p50_ms=_share(waits, 0.5),
        wait_p95_ms=_share(waits, 0.95),
        arrived=(_since(came, now, RECENT_MIN), _since(came, now, LOOK_BACK_MIN)),
        decided=(_since(at, now, RECENT_MIN), _since(at, now, LOOK_BACK_MIN)),
        line=tuple(_waited(came, at, now - back * MINUTE_MS) for back in range(LOOK_BACK_MIN, -1, -1)),
        on_duty=tuple(sorted({one.by for one in decided})),
    )


def _share(values: Sequence[int], share: float) -> int | None:
    """The value that so many of them do not exceed; of a few the last."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else None


def _since(times: Sequence[int], now: int, minutes: int) -> int:
    return len(times) - bisect_right(times, now - minutes * MINUTE_MS)


def _waited(came: Sequence[int], decided: Sequence[int], then: int) -> int:
    return bisect_right(came, then) - bisect_right(decided, then)
