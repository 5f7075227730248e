"""One process of the city: the real store, handlers, committer, feed and hub, on a simulated disk, bus and clock."""

from __future__ import annotations

from dataclasses import replace

from kernel.allowances import OwnAllowances
from kernel.ids import CountingIds
from moderation.handlers import Posting, Review
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from persistence.store import Store
from persistence.streams import Streams
from rooms.handlers import Rooms
from rooms.hub import Hub, HubOptions
from rooms.ports import Hint
from rooms.timers import LoopScheduler
from tests.rooms.world import PlainWire
from tests.simulation.bus import BusEnd
from tests.simulation.database import SimDatabase
from tests.simulation.loop import Life, SimLoop

LEASE_MS = 1_000
START_MS = 1_446_400_000_000


class SimClock:
    """The wall clock of a node: the loop's time since the first day."""

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop

    def now_ms(self) -> int:
        return START_MS + int(self._loop.time() * 1_000)


class Node:
    """Made inside the running loop, in the context of its life."""

    def __init__(
        self, life: Life, loop: SimLoop, database: SimDatabase, bus: BusEnd, ids: CountingIds, *, tight: bool
    ) -> None:
        self.life = life
        clock = SimClock(loop)
        streams = Streams(stream_max=4, queue_max=6, batch_max=2) if tight else Streams()
        self.store = Store(database, clock, ids, single_stream=False, streams=streams)
        self.rooms = Rooms(self.store, clock, ids)
        pace = Pace(OwnAllowances(clock), burst=100, interval_ms=10)
        self.posting = Posting(self.store, clock, ids, standard_pipeline(), pace)
        self.review = Review(self.store, clock, ids, lease_ms=LEASE_MS, bus=bus)
        options = HubOptions(node=life.name)
        if tight:
            options = replace(options, park_s=1.0, park_bytes=2_000)
        self.hub = Hub(self.store, bus, PlainWire(), clock, LoopScheduler(loop), options)

        def publish(hints: list[Hint]) -> None:
            for hint in hints:
                bus.publish(hint)

        self.store.on_commit(publish)
        self.hub.on_head(self.store.seen)
        self.hub.start()
