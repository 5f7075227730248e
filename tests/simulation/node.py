"""One process of the city: the real store, handlers, committer, feed and hub, on a simulated disk, bus and clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from kernel.allowances import OwnAllowances
from kernel.ids import CountingIds, RoomId
from moderation.handlers import Posting, Review
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from persistence.store import Store
from rooms.handlers import Rooms
from rooms.hub import Hub
from rooms.ports import Hint
from rooms.timers import LoopScheduler
from tests.rooms.world import PlainWire
from tests.simulation.database import Disk, SimDatabase, Weather
from tests.simulation.loop import Life, SimLoop

LEASE_MS = 1_000
START_MS = 1_446_400_000_000


class SimClock:
    """The wall clock of a node: the loop's time since the first day."""

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop

    def now_ms(self) -> int:
        return START_MS + int(self._loop.time() * 1_000)


@dataclass(slots=True)
class Air:
    """What becomes of hints on their way; chances from 0 to 1."""

    lost: float = 0.0
    doubled: float = 0.0
    slowest_s: float = 0.01
    away: bool = False


class SimBus:
    """Loses, doubles, delays and reorders, each receiver for itself."""

    def __init__(self, air: Air, loop: SimLoop, chance: Random) -> None:
        self.receivers: list[tuple[Life, Callable[[Hint], None]]] = []
        self._air = air
        self._loop = loop
        self._chance = chance

    def publish(self, hint: Hint) -> None:
        for life, receive in self.receivers:
            for _ in range(1 + (self._chance.random() < self._air.doubled)):
                if self._air.away or self._chance.random() < self._air.lost:
                    continue
                late_s = self._chance.uniform(0, self._air.slowest_s)
                self._loop.call_later(late_s, receive, hint, context=life.context)


class BusEnd:
    """One node's end of the bus (`rooms.ports.Bus`)."""

    def __init__(self, bus: SimBus, air: Air, life: Life) -> None:
        self._bus = bus
        self._air = air
        self._life = life

    async def start(self) -> None:
        """Nothing to reach."""

    async def close(self) -> None:
        """Nothing to leave."""

    def publish(self, hint: Hint) -> None:
        self._bus.publish(hint)

    def subscribe(self, receive: Callable[[Hint], None], on_gap: Callable[[], None]) -> Callable[[], None]:
        """Never doubts itself: what it loses, the head probe alone must find."""
        end = (self._life, receive)
        self._bus.receivers.append(end)
        return lambda: self._bus.receivers.remove(end)

    def follow(self, room: RoomId) -> None:
        """Everything is heard anyway."""

    def forget(self, room: RoomId) -> None:
        """As `follow`."""

    @property
    def healthy(self) -> bool:
        return not self._air.away


class Node:
    """Made inside the running loop, in the context of its life."""

    def __init__(
        self, life: Life, loop: SimLoop, disk: Disk, weather: Weather, bus: BusEnd, ids: CountingIds, chance: Random
    ) -> None:
        self.life = life
        clock = SimClock(loop)
        self.store = Store(SimDatabase(disk, weather, chance), clock, ids, single_stream=False)
        self.rooms = Rooms(self.store, clock, ids)
        pace = Pace(OwnAllowances(clock), burst=100, interval_ms=10)
        self.posting = Posting(self.store, clock, ids, standard_pipeline(), pace)
        self.review = Review(self.store, clock, ids, lease_ms=LEASE_MS, bus=bus)
        self.hub = Hub(self.store, bus, PlainWire(), clock, LoopScheduler(loop))

        def publish(hints: list[Hint]) -> None:
            for hint in hints:
                bus.publish(hint)

        self.store.on_commit(publish)
        self.hub.start()
