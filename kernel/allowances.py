"""How often somebody may do something: so many at once, then one at a time; counted by one node or by all together."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from typing import Final, Protocol

from kernel.clock import Clock
from kernel.refusals import Refusal

# Of each allowance; at some 200 bytes each. The longest untouched is forgotten first, which only ever lets somebody go
# sooner: who can show so many names that this happens has as many allowances as names anyway.
KEYS_MAX: Final = 50_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` at once, then one each `interval_ms`. `name` keeps its counts apart from those of others."""

    name: str
    burst: float
    interval_ms: float

    @classmethod
    def per_minute(cls, name: str, count: float, burst: float | None = None) -> Allowance:
        """Without a `burst` it is a minute's worth."""
        return cls(name, count if burst is None else burst, 60_000 / count)

    def share(self, nodes: int) -> Allowance:
        """The part of one among `nodes` that cannot count together: never nothing, never all unless it is alone."""
        return Allowance(self.name, max(1.0, self.burst / nodes), self.interval_ms * nodes)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken, and can be given back. `shared`: out of what all nodes count together."""

    allowance: Allowance
    whose: str
    shared: bool = False


class Allowances(Protocol):
    """Neither call waits longer than a blink, whatever becomes of who counts."""

    async def take(self, allowance: Allowance, whose: str) -> Taken:
        """Takes one. Raises `rate`, with the time until the next one, when there is none."""
        ...

    async def refund(self, taken: Taken) -> None:
        """Gives it back: nothing came of it. May be lost; never makes more than a full allowance."""
        ...


class OwnAllowances:
    """Counted by this process alone, in bounded memory: one number each, the time at which all is there again."""

    def __init__(self, clock: Clock, *, keys_max: int = KEYS_MAX) -> None:
        self._clock = clock
        self._keys_max = keys_max
        self._full_at: dict[str, OrderedDict[str, float]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._full_at.values()))

    async def take(self, allowance: Allowance, whose: str) -> Taken:
        now = self._clock.now_ms()
        known = self._full_at.setdefault(allowance.name, OrderedDict())
        # Nothing is emptier than empty: a wall clock set back locks nobody out for longer than one interval.
        full_at = min(max(known.get(whose, 0), now), now + allowance.burst * allowance.interval_ms)
        wait = full_at - now - (allowance.burst - 1) * allowance.interval_ms
        # Less than a millisecond is how far sums of fractions go astray.
        refused = wait >= 1
        known[whose] = full_at if refused else full_at + allowance.interval_ms
        known.move_to_end(whose)
        if len(known) > self._keys_max:
            known.popitem(last=False)
        if refused:
            raise Refusal("rate", retry_ms=ceil(wait))
        return Taken(allowance, whose)

    async def refund(self, taken: Taken) -> None:
        known = self._full_at.get(taken.allowance.name)
        full_at = None if known is None else known.get(taken.whose)
        if known is None or full_at is None:
            return
        if full_at - taken.allowance.interval_ms <= self._clock.now_ms():
            del known[taken.whose]
        else:
            known[taken.whose] = full_at - taken.allowance.interval_ms
