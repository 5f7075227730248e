"""A node that follows the log until it is killed, and says on its output what it has told the outside.

`python -m tests.persistence.following_child URL`: the demo consumer, two events to a transaction.
"""

from __future__ import annotations

import asyncio
import os
import sys

from kernel.ids import MonotonicIds
from persistence.store import open_store
from rooms.following.follower import Follower
from rooms.following.pace import Pace
from rooms.following.ports import Event, Write
from rooms.model import Lane
from rooms.timers import LoopScheduler
from tests.contracts.store.demo_consumer import Demo

MOST = 60  # events; then it stops where it stands, so that it is killed in the middle on the fastest machine
PACE = Pace(workers=2, batch=2, batches=3, lease_s=1.0, look_s=0.01, sweep_s=0.2)


class Speaking(Demo):
    async def handle(self, event: Event) -> Write | None:
        if len(self.told) >= MOST:
            await asyncio.Event().wait()
        write = await super().handle(event)
        # One write, so that a line is there whole or not at all.
        os.write(sys.stdout.fileno(), f"{event.place.stream} {event.place.lane} {event.seq}\n".encode())
        return write


async def main(url: str) -> None:
    store = await open_store(url)
    consumer = Speaking(lanes=frozenset(Lane))
    await Follower(consumer, store, LoopScheduler(), MonotonicIds(), PACE).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
