"""Who watches: one small object per listener and one per lane it follows, and what both need from the edge."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from kernel.ids import RoomId
from rooms.model import Lane
from rooms.ports import Item

if TYPE_CHECKING:
    from rooms.fanout import Fanout

# Cursors that are no position; no lane ever stands there.
LOST: Final = -1
GONE: Final = -2

# How far behind a viewer may be and still get every item; beyond it starts anew from a snapshot.
REACH_PARKED: Final = 1_000
REACH_RESUME: Final = 10_000


class Sink(Protocol):
    """The socket of a listener. Nothing here blocks, and bytes written are framed already."""

    @property
    def codec(self) -> str: ...
    @property
    def writable(self) -> bool:
        """Nothing unsent is held for it."""
        ...

    @property
    def unsent(self) -> int: ...

    def write(self, framed: bytes, /) -> None: ...
    def close(self, code: int, reason: str = "") -> None: ...


class Wire(Protocol):
    """Values to bytes, per codec; `ev`, `snap` and `message` answer whole framed messages to be shared between sinks.

    A form is a codec, or a codec and how its public messages are packed: worth it where many share them.
    """

    def codec(self, form: str) -> str: ...

    def item(self, codec: str, item: Item) -> bytes: ...

    def ev(
        self, form: str, room: RoomId, lane: Lane, epoch: str, first: int, last: int, items: Sequence[bytes]
    ) -> bytes: ...

    def snap(self, form: str, lane: Lane, frame: Mapping[str, object]) -> bytes: ...

    def message(self, codec: str, *frames: Mapping[str, object]) -> bytes: ...


class Listener:
    """One socket in the rooms it has joined. `counted`: shown in the number of viewers.

    `conn` names it to colleagues; `team` is with whom it shares drafts, None for nobody. `form` is how it takes what
    many share; everything else comes plainly in its codec.
    """

    __slots__ = ("_owed", "codec", "conn", "counted", "form", "rooms", "sink", "team")

    def __init__(self, sink: Sink, *, counted: bool = True, form: str = "") -> None:
        self.sink = sink
        self.codec = sink.codec
        self.form = form or sink.codec
        self.counted = counted
        self.conn = ""
        self.team: str | None = None
        self.rooms: dict[RoomId, tuple[View, ...]] = {}
        self._owed: set[RoomId] | None = None

    def owe(self, room: RoomId) -> None:
        """It was not told something that has no number and is not sent again by itself."""
        self._owed = {*(self._owed or ()), room}

    def settle(self) -> Collection[RoomId]:
        """Rooms in which it is owed how things stand."""
        owed, self._owed = self._owed, None
        return owed or ()


class View:
    """One listener in one lane. `cursor`: everything up to it has been handed to the sink, or `LOST`, or `GONE`.

    `lost` says why a snapshot must come before anything else; `reading` that the store is being asked, which it only
    is for a view that stands before the ring.
    """

    __slots__ = ("cursor", "fanout", "listener", "lost", "reach", "reading", "tail")

    def __init__(self, listener: Listener, fanout: Fanout, cursor: int, tail: int, reach: int = REACH_PARKED) -> None:
        self.listener = listener
        self.fanout = fanout
        self.cursor = cursor
        self.tail = tail
        self.reach = reach
        self.lost: str | None = None
        self.reading = False

    def lose(self, why: str) -> None:
        """Its position counts for nothing any more."""
        if self.cursor != GONE:
            self.cursor, self.lost = LOST, why
