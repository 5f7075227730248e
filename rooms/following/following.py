"""All consumers of one node: started together, told of every hint, ended together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from kernel.ids import IdSource
from kernel.tasks import spawn
from rooms.following.follower import Follower
from rooms.following.pace import Pace
from rooms.following.ports import Consumer, Cursors
from rooms.ports import Bus
from rooms.timers import LoopScheduler


class Following:
    """Without consumers it does nothing at all. To be made on the event loop."""

    def __init__(
        self, consumers: Sequence[Consumer], cursors: Cursors, bus: Bus, ids: IdSource, pace: Pace | None = None
    ) -> None:
        names = [consumer.name for consumer in consumers]
        if len(set(names)) < len(names):
            raise ValueError("two consumers of one name would share their cursors")
        scheduler = LoopScheduler()
        self.followers = [Follower(consumer, cursors, scheduler, ids, pace) for consumer in consumers]
        self._bus = bus
        self._unsubscribe: list[Callable[[], None]] = []
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._unsubscribe = [self._bus.subscribe(follower.notice, follower.doubt) for follower in self.followers]
        self._running = [
            spawn(follower.run(), name=f"follower-{follower.consumer.name}") for follower in self.followers
        ]

    async def close(self) -> None:
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await asyncio.gather(*(follower.close() for follower in self.followers))

    def measures(self) -> Mapping[str, float]:
        return {name: value for follower in self.followers for name, value in follower.measures().items()}
