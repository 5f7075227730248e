"""The recorder: what each client asked, what it was answered, and everything that reached it, with times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Item = Mapping[str, Any]
# Codes after which nobody knows whether the command was carried out.
UNKNOWN = frozenset({"unavailable", "internal"})


@dataclass(slots=True)
class Operation:
    """One question and its answer. `outcome` None: still under way when the record ended, so nobody knows."""

    process: str
    op: str
    fields: dict[str, Any]
    invoked: float
    ended: float | None = None
    outcome: str | None = None  # ok | fail | unknown
    answer: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        return self.answer.get(name, self.fields.get(name))


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that reached a client, or that it did about its connection, on one lane.

    `what`: open (seq None: without a position), item, snap (seq: its head), reset, close, rest, viewers (seq: told).
    """

    at: float
    process: str
    what: str
    room: str
    lane: str
    epoch: str | None = None
    seq: int | None = None
    items: tuple[Item, ...] = ()


class History:
    """Belongs to one thread; several are brought together with `merge` (`time.monotonic` is the machine's)."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.operations: list[Operation] = []
        self.sights: list[Sight] = []
        # A thousand viewers see the same items: one copy of each is kept.
        self._copies: dict[tuple[str, str, str, int], Item] = {}

    # --- what is asked ----------------------------------------------------------------------------------------------

    def invoke(self, process: str, op: str, **fields: Any) -> Operation:
        operation = Operation(process, op, fields, self.now())
        self.operations.append(operation)
        return operation

    def ok(self, operation: Operation, **answer: Any) -> None:
        self._end(operation, "ok", answer)

    def fail(self, operation: Operation, code: str = "") -> None:
        """It certainly did not happen."""
        self._end(operation, "fail", {"code": code})

    def unknown(self, operation: Operation, why: str = "") -> None:
        self._end(operation, "unknown", {"code": why})

    def refused(self, operation: Operation, code: str) -> None:
        """`fail`, or `unknown` where the code leaves it open."""
        self._end(operation, "unknown" if code in UNKNOWN else "fail", {"code": code})

    def _end(self, operation: Operation, outcome: str, answer: dict[str, Any]) -> None:
        operation.ended, operation.outcome, operation.answer = self.now(), outcome, answer

    # --- what is seen -----------------------------------------------------------------------------------------------

    def opens(
        self, process: str, lane: str, *, room: str = "", epoch: str | None = None, seq: int | None = None
    ) -> None:
        """A join is being sent; with `epoch` and `seq` it carries that position."""
        self._sight(process, "open", room, lane, epoch, seq)

    def snap(self, process: str, lane: str, epoch: str, head: int, items: Iterable[Item], *, room: str = "") -> None:
        self._sight(process, "snap", room, lane, epoch, head, tuple(items))

    def saw(self, process: str, lane: str, epoch: str, item: Item, *, room: str = "") -> None:
        key = (room, lane, epoch, item["s"])
        kept = self._copies.setdefault(key, item)
        self._sight(process, "item", room, lane, epoch, item["s"], (kept if kept == item else item,))

    def reset(self, process: str, lane: str, epoch: str, why: str = "", *, room: str = "") -> None:
        self._sight(process, "reset", room, lane, epoch)

    def closes(self, process: str, lane: str, *, room: str = "") -> None:
        """The connection ended, or the client left the room."""
        self._sight(process, "close", room, lane)

    def rests(self, process: str, lane: str, *, room: str = "") -> None:
        """At the end: all works again and the time for repair is over, so the client must have the whole lane."""
        self._sight(process, "rest", room, lane)

    def viewers(self, process: str, count: int, *, room: str = "") -> None:
        """A heartbeat told how many watch."""
        self._sight(process, "viewers", room, "pub", None, count)

    def merge(self, *others: History) -> History:
        """This and the others as one record, in order of time."""
        merged = History(self.now)
        parts = (self, *others)
        merged.operations = sorted((one for part in parts for one in part.operations), key=lambda one: one.invoked)
        merged.sights = sorted((one for part in parts for one in part.sights), key=lambda one: one.at)
        return merged

    def _sight(
        self,
        process: str,
        what: str,
        room: str,
        lane: str,
        epoch: str | None = None,
        seq: int | None = None,
        items: tuple[Item, ...] = (),
    ) -> None:
        self.sights.append(Sight(self.now(), process, what, room, lane, epoch, seq, items))
