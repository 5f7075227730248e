"""How much is rehearsed, for how long, and what may not take longer; all of it bounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

VIEWERS_MAX: Final = 20_000
POSTERS_MAX: Final = 2_000
ROOMS_MAX: Final = 200
SECONDS_MAX: Final = 3_600
ARRIVALS_MAX: Final = 2_000
# Two commands for each, of the hundred a second that one moderator's connection has by default.
RATE_MAX: Final = 40.0
# A netizen posts once in ten seconds by default.
PACE_S: Final = 10.0
BUDGET_MAX_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Budget:
    """Milliseconds within which 99 of 100 must be done.

    `join`: from opening a connection to the room on screen; `queued`: from asking to the answer that it is stored;
    `screen`: from the moderator's word to each viewer; `page`: the room's page over HTTP.
    """

    join: int = 2_000
    queued: int = 500
    screen: int = 1_000
    page: int = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """`rooms` are made for the rehearsal unless some are `given`. `rate`: questions a second; `arrivals`: viewers."""

    viewers: int = 1_000
    posters: int = 20
    rooms: int = 1
    given: tuple[str, ...] = ()
    seconds: float = 60.0
    rate: float = 2.0
    arrivals: int = 200
    budget: Budget = field(default_factory=Budget)

    def check(self) -> None:
        """Raises ValueError, which names the option."""
        for name, least, most in (
            ("viewers", 1, VIEWERS_MAX),
            ("posters", 1, POSTERS_MAX),
            ("rooms", 1, ROOMS_MAX),
            ("seconds", 1, SECONDS_MAX),
            ("rate", 0.01, RATE_MAX),
            ("arrivals", 1, ARRIVALS_MAX),
        ):
            _within(name, getattr(self, name), least, most)
        for name in ("join", "queued", "screen", "page"):
            _within(f"{name}-ms", getattr(self.budget, name), 1, BUDGET_MAX_MS)
        if self.rooms > self.viewers:
            raise ValueError("bad value for --rooms: more than there are viewers")


def usual_rate(posters: int) -> float:
    """What so many may ask for ever at the default pace."""
    return min(RATE_MAX, posters / PACE_S)


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"bad value for --{name}: not between {least} and {most:g}")
