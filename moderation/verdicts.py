"""What a phase can find: partial verdicts with their reasons, of which the strongest stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from rooms.model import PostState, Reason

# A flood of findings helps nobody and is stored with the post.
REASONS_MAX = 20
# Stands for each sign that is covered, of whatever kind and by whomever: 138****1234.
MASK = "*"


class Strength(IntEnum):
    """Ordered: of several verdicts the greatest stands."""

    ADMIT = 0
    HOLD = 1
    REFUSE = 2

    @property
    def word(self) -> str:
        return self.name.lower()


_STATES = {
    Strength.ADMIT: PostState.PUBLISHED,
    Strength.HOLD: PostState.PENDING,
    Strength.REFUSE: PostState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One phase's finding, or all of them joined. `masked` are spans of the body to be covered before it is stored."""

    strength: Strength
    reasons: tuple[Reason, ...] = ()
    masked: tuple[tuple[int, int], ...] = ()

    @property
    def decisive(self) -> bool:
        """Nothing a later phase may find can change a refusal."""
        return self.strength is Strength.REFUSE

    @property
    def state(self) -> PostState:
        return _STATES[self.strength]

    def joined(self, other: Verdict) -> Verdict:
        return Verdict(
            max(self.strength, other.strength),
            (self.reasons + other.reasons)[:REASONS_MAX],
            self.masked + other.masked,
        )

    def cover(self, body: str) -> str:
        """The body with its masked spans covered; every offset stays where it was."""
        return covered(body, self.masked)


def covered(body: str, spans: Iterable[tuple[int, int]]) -> str:
    """The body with these stretches covered, character by character."""
    characters = list(body)
    for start, end in spans:
        characters[start:end] = [MASK] * (end - start)
    return "".join(characters)


ADMITTED = Verdict(Strength.ADMIT)


def admit(*reasons: Reason) -> Verdict:
    """Lets it pass; reasons, if any, are flags for whoever looks later."""
    return Verdict(Strength.ADMIT, reasons)


def hold(*reasons: Reason) -> Verdict:
    return Verdict(Strength.HOLD, reasons)


def refuse(*reasons: Reason) -> Verdict:
    return Verdict(Strength.REFUSE, reasons)


def held_if_any(reasons: Iterable[Reason]) -> Verdict | None:
    """The verdict of a phase that only ever asks a person to look."""
    found = tuple(reasons)
    return hold(*found) if found else None
