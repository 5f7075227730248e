"""What follows the log, and what it needs of the store.

Why it is so: `docs/adr/0008-cursors-without-clocks.md`. One suite: `tests/contracts/store/test_cursors.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from kernel.ids import RoomId
from rooms.model import Lane
from rooms.ports import Head, Item, Slice

# What a handler may answer: it runs inside the transaction that moves the cursor, and is given that transaction.
# Only the store's own side knows what it is; a domain passes on what its own port gave it.
Write: TypeAlias = Callable[[Any], None]

CONSUMER_MAX = 32  # characters of a name


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One lane of one stream; `stream` is a room's id, later a question's."""

    stream: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class Position:
    """Everything up to `seq` of this epoch has been dealt with."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it stands when it is read: what is hidden then comes as `redacted`, without its text.

    `(stream, lane, epoch, seq)` is the same whenever it comes again: the key under which an effect outside the store
    is made once.
    """

    place: Place
    epoch: str
    item: Item

    @property
    def seq(self) -> int:
        return int(self.item["s"])


@dataclass(frozen=True, slots=True)
class EpochChanged:
    """Numbers of this place may repeat, after a restore for instance: positions of the old epoch mean nothing.

    Cursors live beside the log and went back with it: up to `kept` the lane is what it was when the consumer read it.
    What was done outside the store beyond `kept` may never have happened. 0 where the cursor does not fit the lane.
    """

    place: Place
    void: Position
    epoch: str
    kept: int


@dataclass(frozen=True, slots=True)
class GoOn:
    """A consumer's answer to another epoch: with what comes behind `after`; 0: everything comes again."""

    after: int = 0
    write: Write | None = None


class Consumer(Protocol):
    """A reader of the log. One that raises is asked again later, and its lane waits; other lanes do not.

    `name` is permanent and at most `CONSUMER_MAX` characters: another name is another reader, who begins at 1.
    """

    name: str
    lanes: frozenset[Lane]

    async def handle(self, event: Event) -> Write | None:
        """Deals with one event. Comes at least once; a `Write` that is answered is carried out exactly once."""
        ...

    async def epoch_changed(self, change: EpochChanged) -> GoOn:
        """Comes before any event of the new epoch, at least once; the `Write` in the answer as that of `handle`.

        `change.kept` is as far as one can go on from; a larger number counts as `kept`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Behind:
    """A place where a consumer has something to do, as the store showed it.

    `position` is None before the first event. `claim` is whoever works there; `beat` changes with whatever happens to
    the cursor, 0 before anything has; `failures` counts the tries at the next event.
    """

    place: Place
    head: Head
    position: Position | None
    claim: str | None
    beat: int
    failures: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A place that one worker holds. `claim` is the fence: of two that believe to hold it, one can move the cursor."""

    consumer: str
    place: Place
    claim: str
    position: Position


class Cursors(Protocol):
    """Where each consumer stands. All raise `Refusal("unavailable")` when the store does not answer."""

    async def behind(
        self,
        consumer: str,
        lanes: Collection[Lane],
        *,
        streams: Collection[str] | None = None,
        after: Place | None = None,
        limit: int,
    ) -> list[Behind]:
        """Places with events the consumer has not dealt with, or another epoch, in order; one query for all rooms.

        `streams` asks for some; `after` goes on behind the last of a page.
        """
        ...

    async def claim(self, consumer: str, seen: Behind, claim: str) -> Claimed | None:
        """Takes a place if nothing has happened to its cursor since it was seen; else None."""
        ...

    async def keep(self, consumer: str, held: Sequence[Claimed]) -> set[str]:
        """Says that these claims are alive, and answers which still stand."""
        ...

    async def advance(
        self, held: Claimed, since: Position, to: Position, writes: Sequence[Write], *, release: bool
    ) -> bool:
        """Moves the cursor from `since` and carries out `writes`, in one transaction; `release` gives the place back.

        False, and nothing done: the claim is another's, or the cursor has moved. What a write raises undoes all of it.
        """
        ...

    async def give_back(self, held: Claimed, *, failed: bool) -> None:
        """Lets the place go; `failed` counts a try. Does nothing where the claim is another's."""
        ...

    async def events(self, room: RoomId, lane: Lane, after: int, limit: int) -> Slice: ...

    async def renew_epoch(self, room: RoomId, lane: Lane, epoch: str) -> Head: ...
