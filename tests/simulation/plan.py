"""What will happen, made from a seed alone: deeds of people and blows of fate, each of which may be left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

LENGTH_S = 8.0
DEEDS = {
    "ask": 14,
    "follow": 8,
    "pull": 24,
    "revise": 4,
    "withdraw": 4,
    "redact": 5,
    "restore": 3,
    "pin": 1,
    "stage": 2,
    "set_room": 3,
    "vote": 2,
    "read": 5,
}
BLOWS = {
    "crash": 4,
    "cut": 6,
    "sleep": 3,
    "stick": 7,
    "flow": 4,
    "outage": 3,
    "hush": 2,
    "forge": 2,
    "shrink": 3,
    "restore_backup": 1,
}


@dataclass(frozen=True, slots=True)
class Deed:
    """`n` is the number from which the deed makes its choices."""

    at: float
    what: str
    n: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The weather, and what happens in it. `tight`: every bound is so small that it is met all the
    time; `open`: in the first room posts need no moderator."""

    seed: int
    deeds: tuple[Deed, ...]
    lost: float
    doubled: float
    hints_s: float
    bare: bool
    network_s: float
    store_s: float
    refused: float
    unknown: float
    old_view: float
    tight: bool
    open: bool

    @property
    def grace_s(self) -> float:
        """How long a node may not know what is hidden (C7): a second, and longer than five where the store is away."""
        calm = self.refused == 0 and self.store_s <= 0.1 and not any(deed.what == "outage" for deed in self.deeds)
        return 1.2 if calm else 8.0


def plan_of(seed: int) -> Plan:
    chance = Random(f"{seed} plan")
    counted = [*_drawn(chance, DEEDS, chance.randint(20, 100)), *_drawn(chance, BLOWS, chance.choice((0, 3, 8, 16)))]
    deeds = [Deed(at, what, n) for n, (at, what) in enumerate(zip(_times(chance, len(counted)), counted, strict=True))]
    return Plan(
        seed=seed,
        deeds=tuple(sorted(deeds, key=lambda deed: deed.at)),
        lost=chance.choice((0.0, 0.05, 0.3, 1.0)),
        doubled=chance.choice((0.0, 0.2)),
        hints_s=chance.choice((0.005, 0.05, 0.5)),
        bare=chance.random() < 0.5,
        network_s=chance.choice((0.01, 0.1, 0.4)),
        store_s=chance.choice((0.005, 0.05, 0.3)),
        refused=chance.choice((0.0, 0.0, 0.02, 0.1)),
        unknown=chance.choice((0.0, 0.0, 0.05, 0.2)),
        old_view=chance.choice((0.0, 0.3)),
        tight=chance.random() < 0.5,
        open=chance.random() < 0.6,
    )


def with_fail_overs(seed: int) -> Plan:
    """The same story, and twice in it a replica that lags takes over: the second may not have heard of the first."""
    plan = plan_of(seed)
    deeds = (*plan.deeds, *(Deed(2.0 * n, "fail_over", 9_000 + n) for n in (1, 2)))
    return replace(plan, deeds=tuple(sorted(deeds, key=lambda deed: deed.at)))


def _times(chance: Random, count: int) -> list[float]:
    """Spread out, or in rushes: what meets within a few milliseconds is what goes wrong."""
    if chance.random() < 0.4:
        return [chance.uniform(0, LENGTH_S) for _ in range(count)]
    rushes = [chance.uniform(0, LENGTH_S) for _ in range(chance.randint(4, 16))]
    return [chance.choice(rushes) + chance.uniform(0, 0.15) for _ in range(count)]


def _drawn(chance: Random, kinds: dict[str, int], count: int) -> list[str]:
    return chance.choices(list(kinds), list(kinds.values()), k=count)
