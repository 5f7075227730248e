"""How well a node is served: whether the store answers, whether hints arrive. Told to staff, measured for operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kernel.ids import RoomId
from rooms.model import Lane
from rooms.telling import Audience

# Without an answer for so long, or one that took so long, the store is slow.
SLOW_S: Final = 1.5
# C7: a node cut off from the store for so long gives no bodies to newcomers.
STALE_S: Final = 5.0

Told = Mapping[str, object]


class StoreState(StrEnum):
    UP = "up"
    SLOW = "slow"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Health:
    """`bus` False: what others commit is found by asking the store, up to a fifth of a second later."""

    store: StoreState = StoreState.UP
    bus: bool = True

    @property
    def well(self) -> bool:
        return self.store is StoreState.UP and self.bus

    def measures(self) -> Mapping[str, float]:
        up, slow = self.store is StoreState.UP, self.store is StoreState.SLOW
        return {"store_up": float(up or slow), "store_slow": float(slow), "bus_up": float(self.bus)}


class Pulse:
    """The store as the head probe finds it. All times are the scheduler's."""

    def __init__(self, now: float) -> None:
        self.answered_at = now
        self._asked_at = now
        self._took = 0.0
        self._refused = False

    def asked(self, now: float) -> None:
        self._asked_at = now

    def answered(self, now: float) -> None:
        self.answered_at, self._took, self._refused = now, now - self._asked_at, False

    def refused(self) -> None:
        self._refused = True

    def silent_s(self, now: float) -> float:
        return now - self.answered_at

    def state(self, now: float) -> StoreState:
        """A question that failed once may have met a bad moment; down is what fails, or is silent, for longer."""
        silent = self.silent_s(now)
        if silent > STALE_S or (self._refused and silent > SLOW_S):
            return StoreState.DOWN
        return StoreState.SLOW if max(silent, self._took) > SLOW_S else StoreState.UP


def health_frame(room: RoomId, health: Health) -> Told:
    return {"t": "health", "r": room, "store": health.store.value, "bus": "up" if health.bus else "down"}


def for_staff(frame: Told) -> Callable[[Audience], Told | None]:
    """The public can do nothing about it, and sees its own connection."""
    return lambda audience: frame if {Lane.DESK, Lane.MOD} & set(audience.lanes) else None
