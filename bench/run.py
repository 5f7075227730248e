"""How long and how often this run measures, and what goes on beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

from bench.peers import CentrifugoBuild

# Of the machine's last minute, before a run began.
QUIET_LOAD: Final = 1.0


def warning(load: float) -> str:
    """What a reader must know of whatever else runs here: ratios of processor time bear it, milliseconds do not."""
    if load <= QUIET_LOAD:
        return ""
    return (
        f"Others were using this machine (load {load:.1f} when the run began): ratios of CPU bear that, times do not."
    )


@dataclass(frozen=True, slots=True)
class Run:
    quick: bool = False
    centrifugo: CentrifugoBuild = field(default_factory=CentrifugoBuild)
    beside: str = field(default_factory=lambda: warning(os.getloadavg()[0]))

    @property
    def rounds(self) -> int:
        return 1 if self.quick else 3

    @property
    def seconds(self) -> float:
        """Of one phase."""
        return 1.5 if self.quick else 2.5

    def say(self, line: str) -> None:
        print(f"  {line}", flush=True)
