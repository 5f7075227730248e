"""Frames without a number, to those in a room whom they concern: framed once for all alike, never waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from kernel.ids import RoomId
from rooms.audience import Listener, Wire
from rooms.model import Lane
from rooms.slices import Walk
from rooms.timers import Scheduler


class Audience(NamedTuple):
    """Listeners who are told the same: those of the same lanes and, at the desk, of the same team."""

    lanes: tuple[Lane, ...]
    team: str | None


Frame = Callable[[Audience], Mapping[str, object] | None]


class Telling:
    """`park` is called with a listener whose socket is full; it does without this frame."""

    def __init__(self, wire: Wire, scheduler: Scheduler, park: Callable[[Listener], None]) -> None:
        self._wire = wire
        self._scheduler = scheduler
        self._park = park

    def tell(self, room: RoomId, listeners: Iterable[Listener], frame: Frame, *, owed: bool = False) -> None:
        """`owed`: who does without is told how things stand as soon as its socket is free."""
        framed: dict[tuple[str, Audience], bytes | None] = {}

        def tell(some: Sequence[Listener]) -> None:
            for listener in some:
                views = listener.rooms.get(room)
                if views is None:
                    continue
                audience = Audience(tuple(view.fanout.feed.lane for view in views), listener.team)
                key = (listener.codec, audience)
                if key not in framed:
                    told = frame(audience)
                    framed[key] = None if told is None else self._wire.message(listener.codec, told)
                message = framed[key]
                if listener.sink.writable:
                    if message is not None:
                        listener.sink.write(message)
                else:
                    self._park(listener)
                    if owed and message is not None:
                        listener.owe(room)

        Walk(self._scheduler, list(listeners), tell).start()
