"""How many watch (I9): exact to two in a hundred once nobody has come or gone for a while."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import ceil

from tests.history.recorder import History
from tests.history.truth import Violation

SHARE = 0.02


def check_viewers(history: History, calm_s: float) -> Iterator[Violation]:
    present: dict[str, set[str]] = defaultdict(set)
    moved: dict[str, float] = {}
    for sight in history.sights:
        if sight.lane != "pub":
            continue
        if sight.what == "open":
            present[sight.room].add(sight.process)
            moved[sight.room] = sight.at
        elif sight.what == "close":
            present[sight.room].discard(sight.process)
            moved[sight.room] = sight.at
        elif sight.what == "viewers" and sight.at - moved.get(sight.room, sight.at) >= calm_s:
            here, told = len(present[sight.room]), sight.seq or 0
            if abs(told - here) > ceil(SHARE * here - 1e-9):
                yield Violation("I9", f"{sight.room}: {told} told, {here} there", sight.process, sight.at)
