"""How long and how often this run measures, and what goes on beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.peers import CentrifugoBuild


@dataclass(frozen=True, slots=True)
class Run:
    quick: bool = False
    centrifugo: CentrifugoBuild = field(default_factory=CentrifugoBuild)

    @property
    def rounds(self) -> int:
        return 1 if self.quick else 3

    @property
    def seconds(self) -> float:
        """Of one phase."""
        return 1.5 if self.quick else 2.5

    def say(self, line: str) -> None:
        print(f"  {line}", flush=True)
