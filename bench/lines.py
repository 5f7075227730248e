"""One figure of the table: what must be, what is aimed at, what was measured in each round, whether that shows it."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial


@dataclass(frozen=True, slots=True)
class Line:
    """`values`: one for each round, the smaller the better; none where it could not be measured, and `note` says why.

    Without `must` it is told and decides nothing.
    """

    part: str
    figure: str
    values: list[float] = field(default_factory=list)
    must: float | None = None
    aim: float | None = None
    unit: str = "×"
    note: str = ""

    @classmethod
    def of(cls, part: str) -> Callable[..., Line]:
        """Lines of one part."""
        return partial(cls, part)

    @property
    def median(self) -> float | None:
        return statistics.median(self.values) if self.values else None

    @property
    def verdict(self) -> str:
        """`aim`, `must`, `missed`, `not measured`, or `told`."""
        if self.median is None:
            return "not measured"
        if self.must is None:
            return "told"
        if self.median > self.must:
            return "missed"
        return "aim" if self.aim is not None and self.median <= self.aim else "must"

    @property
    def spread(self) -> str:
        """The lowest and the highest round."""
        return f"{shown(min(self.values))}–{shown(max(self.values))}" if len(self.values) > 1 else ""

    def told(self) -> dict[str, object]:
        """For JSON."""
        return {
            "part": self.part,
            "figure": self.figure,
            "must": self.must,
            "aim": self.aim,
            "unit": self.unit,
            "median": self.median,
            "values": self.values,
            "verdict": self.verdict,
            "note": self.note,
        }


def shown(value: float) -> str:
    """Three figures that count."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
