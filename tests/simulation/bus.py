"""The bus of a simulated city: hints as signed bytes in the air, where anything may happen to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from gateway.hint_codec import BadHint, HintCodec
from kernel.ids import RoomId
from rooms.model import Lane
from rooms.ports import Hint
from tests.simulation.loop import Life, SimLoop

SECRET = b"the secret of this deployment only"
Message = Callable[[HintCodec], Hint | None]


@dataclass(slots=True)
class Air:
    """What becomes of hints on their way; chances from 0 to 1.

    `bare`: they travel as they are, so that doubled and reordered ones reach the feed; else as bytes, signed, and the
    codec refuses what it has heard before.
    """

    lost: float = 0.0
    doubled: float = 0.0
    slowest_s: float = 0.01
    away: bool = False
    bare: bool = False


class Ether:
    """Loses, doubles, delays and reorders, for each hearer by itself."""

    def __init__(self, air: Air, loop: SimLoop, chance: Random) -> None:
        self.air = air
        self.loop = loop
        self.ends: list[BusEnd] = []
        self._chance = chance

    def carry(self, room: RoomId, lane: Lane, message: Hint | bytes, sender: BusEnd | None) -> None:
        for end in self.ends:
            if end is sender:
                continue
            for _ in range(1 + (self._chance.random() < self.air.doubled)):
                if self.air.away or self._chance.random() < self.air.lost:
                    continue
                late_s = self._chance.uniform(0, self.air.slowest_s)
                self.loop.call_later(late_s, end.hear, room, lane, message, context=end.life.context)

    def back(self) -> None:
        """The bus is there again, and nobody knows what was missed."""
        for end in self.ends:
            self.loop.call_soon(end.gap, context=end.life.context)


class BusEnd:
    """One node's end (`rooms.ports.Bus`), with the real signature."""

    def __init__(self, ether: Ether, life: Life) -> None:
        self.life = life
        self._ether = ether
        self._codec = HintCodec(SECRET)
        self._receivers: list[tuple[Callable[[Hint], None], Callable[[], None]]] = []
        self._followed: set[RoomId] = set()
        ether.ends.append(self)

    async def start(self) -> None:
        """It hears from the beginning."""

    async def close(self) -> None:
        self._ether.ends.remove(self)

    def publish(self, hint: Hint) -> None:
        self._tell(hint)
        self._ether.carry(hint.room, hint.lane, hint if self._ether.air.bare else self._codec.encode(hint), self)

    def subscribe(self, receive: Callable[[Hint], None], on_gap: Callable[[], None]) -> Callable[[], None]:
        entry = (receive, on_gap)
        self._receivers.append(entry)
        return lambda: self._receivers.remove(entry)

    def follow(self, room: RoomId) -> None:
        self._followed.add(room)
        self._ether.loop.call_later(self._ether.air.slowest_s, self.gap)

    def forget(self, room: RoomId) -> None:
        self._followed.discard(room)

    @property
    def healthy(self) -> bool:
        return not self._ether.air.away

    def hear(self, room: RoomId, lane: Lane, message: Hint | bytes) -> None:
        if room not in self._followed:
            return
        try:
            hint = self._codec.decode(room, lane, message) if isinstance(message, bytes) else message
        except BadHint:
            return
        if hint is not None:
            self._tell(hint)

    def gap(self) -> None:
        for _, on_gap in tuple(self._receivers):
            on_gap()

    def _tell(self, hint: Hint) -> None:
        for receive, _ in tuple(self._receivers):
            receive(hint)
