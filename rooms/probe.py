"""The head probe: one query for all hosted rooms, over and over, so that a lost hint costs time and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping

from kernel.ids import RoomId
from kernel.refusals import Refusal
from rooms.feed import Feed
from rooms.health import Pulse
from rooms.ports import Bus, RoomStore
from rooms.timers import Scheduler

UNHEALTHY_S = 0.2
# Whoever hurries it is seldom alone: what comes so soon after shares a round.
GATHER_S = 0.02

_log = logging.getLogger(__name__)


class HeadProbe:
    """One for the node. `pulse` says how the store answers."""

    def __init__(
        self,
        store: RoomStore,
        bus: Bus,
        feeds: Mapping[RoomId, Feed],
        scheduler: Scheduler,
        period_s: float,
        on_success: Callable[[], None],
    ) -> None:
        self._store = store
        self._bus = bus
        self._feeds = feeds
        self._scheduler = scheduler
        self._period_s = period_s
        self._on_success = on_success
        self._hurry = asyncio.Event()
        self._looking = False
        self.pulse = Pulse(scheduler.now())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._looking = True
            self._hurry.clear()
            try:
                await self.once()
            except Exception:
                # Whatever one lane cannot take, the others must go on being looked at.
                _log.exception("the head probe failed")
            self._looking = False
            period_s = self._period_s if self._bus.healthy else min(UNHEALTHY_S, self._period_s)
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`: before Python 3.12 it loses a cancellation that comes with the hurry.
                async with asyncio.timeout(period_s):
                    await self._hurry.wait()
                await asyncio.sleep(GATHER_S)

    def hurry(self) -> None:
        """Now rather than later: the bus has just come back, and nobody knows what it lost."""
        self._hurry.set()

    @property
    def resting(self) -> bool:
        """Whether nothing is looked at just now and nobody asked for it."""
        return not self._looking and not self._hurry.is_set()

    async def once(self) -> None:
        """One round; a store that does not answer is asked again in the next."""
        asked = {
            (room, name): (lane, lane.epoch, lane.applied)
            for room, feed in self._feeds.items()
            for name, lane in feed.lanes.items()
        }
        self.pulse.asked(self._scheduler.now())
        try:
            heads = await self._store.heads(list({room for room, _ in asked}))
        except Refusal:
            self.pulse.refused()
            return
        now = self._scheduler.now()
        self.pulse.answered(now)
        for (room, name), (lane, epoch, applied) in asked.items():
            head = heads.get((room, name))
            feed = self._feeds.get(room)
            # A feed replaced or reset while the query ran has newer knowledge than this answer.
            if head is None or feed is None or feed.lanes.get(name) is not lane or lane.epoch != epoch:
                continue
            feed.read_at = now
            lane.probed(head, applied)
        self._on_success()
