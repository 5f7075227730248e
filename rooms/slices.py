"""Walking over a large audience a few hundred at a time, so that nothing else on the loop waits for the whole of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from rooms.timers import Scheduler, Timer

SLICE: Final = 500

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Walk(Generic[T]):
    """Calls `visit` with `SLICE` of `targets` in each loop turn; `spent_s` is the time of the visits alone."""

    def __init__(
        self,
        scheduler: Scheduler,
        targets: Sequence[T],
        visit: Callable[[Sequence[T]], None],
        done: Callable[[], None] | None = None,
    ) -> None:
        self._scheduler = scheduler
        self._targets = targets
        self._visit = visit
        self._done = done
        self._next = 0
        self._turn: Timer | None = None
        self.spent_s = 0.0

    def start(self) -> None:
        self._go_on()

    def cancel(self) -> None:
        if self._turn is not None:
            self._turn.cancel()

    def _go_on(self) -> None:
        began = self._scheduler.now()
        upto = self._next + SLICE
        try:
            self._visit(self._targets[self._next : upto])
        except Exception:
            # A walk that stopped here would leave its lane silent for good; the next slice may well succeed.
            _log.exception("a slice of an audience failed")
        self._next = upto
        self.spent_s += self._scheduler.now() - began
        if upto < len(self._targets):
            self._turn = self._scheduler.call_soon(self._go_on)
        elif self._done is not None:
            self._done()
