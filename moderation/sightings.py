"""From where guests write, as digests and for a bounded time: what a sanction by device or address is aimed with."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol

from kernel.clock import Clock
from kernel.ids import SourceKey, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.sanctions import Via

DAY_MS: Final = 86_400_000
# So far back one asks who else wrote from there.
LATELY_MS: Final = 7 * DAY_MS
# Who writes again within the hour is known to have written.
AGAIN_MS: Final = 3_600_000
WRITE_S: Final = 1.0
FORGET_MS: Final = 3_600_000
# What a node remembers of whom it has noted, and what may wait to be written; past that the oldest is asked anew, and
# the newest is not noted.
KNOWN_MAX: Final = 50_000
WAITING_MAX: Final = 10_000
# So that no post waits long behind them.
AT_ONCE: Final = 500

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A guest wrote from there, the last time at `at`."""

    source: SourceKey = field(repr=False)
    user: UserId
    via: Via
    at: int


@dataclass(frozen=True, slots=True)
class Source:
    """From where a guest wrote last, and how many other guests did so lately."""

    key: SourceKey = field(repr=False)
    others: int


class SightingStore(Protocol):
    async def note_sightings(self, seen: Sequence[Sighting]) -> None:
        """Each once for its source and user; the time of a known one moves on."""
        ...

    async def sources_of(self, user: UserId, since: int) -> Mapping[Via, Source]:
        """The newest device and the newest address of a guest; others are counted from `since` on, to a bound."""
        ...

    async def forget_sources(self, before: Mapping[Via, int], now: int) -> int:
        """Deletes what was last seen before, and the digests of sanctions that are over; how many."""
        ...


def via_of(key: SourceKey) -> Via:
    return Via.DEVICE if key.startswith("d:") else Via.ADDRESS


class Sightings:
    """Notes who writes from where, beside the posts: a post waits for none of it, and a second later it is stored.

    One task a node writes what came, many in one transaction, and once an hour forgets what is old.
    """

    def __init__(self, store: SightingStore, clock: Clock, *, device_days: int = 30, address_days: int = 7) -> None:
        self._store = store
        self._clock = clock
        self._kept_ms = {Via.DEVICE: device_days * DAY_MS, Via.ADDRESS: address_days * DAY_MS}
        self._known: OrderedDict[tuple[SourceKey, UserId], int] = OrderedDict()
        self._waiting: dict[tuple[SourceKey, UserId], Sighting] = {}
        self._forgot_at: int | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = spawn(self._run(), name="sightings")

    async def close(self) -> None:
        """Writes what waits, if the store answers."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            await self._write_if_possible()

    def note(self, actor: Actor) -> None:
        """Called with every post that was taken: of a guest who wrote from there within the hour it does nothing."""
        if actor.id is None:
            return
        now = self._clock.now_ms()
        for key in actor.sources:
            pair = (key, actor.id)
            if now - self._known.get(pair, -AGAIN_MS) >= AGAIN_MS and len(self._waiting) < WAITING_MAX:
                self._known[pair] = now
                self._known.move_to_end(pair)
                self._waiting[pair] = Sighting(key, actor.id, via_of(key), now)
        while len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)

    async def write(self) -> None:
        """What came since the last time, some at once; what could not be written waits on."""
        while self._waiting:
            taken = list(islice(self._waiting.values(), AT_ONCE))
            await self._store.note_sightings(taken)
            for one in taken:
                self._waiting.pop((one.source, one.user), None)

    async def forget(self) -> None:
        """Once an hour, by this node's clock."""
        now = self._clock.now_ms()
        if self._forgot_at is not None and now - self._forgot_at < FORGET_MS:
            return
        gone = await self._store.forget_sources({via: now - kept for via, kept in self._kept_ms.items()}, now)
        self._forgot_at = now
        if gone:
            _log.info("forgot from where guests wrote: %d rows", gone)

    async def _run(self) -> None:
        while True:
            await self._write_if_possible()
            await asyncio.sleep(WRITE_S)

    async def _write_if_possible(self) -> None:
        try:
            await self.write()
            await self.forget()
        except Refusal:
            pass  # while the store is away nothing is posted either
        except Exception:
            _log.exception("from where guests wrote could not be noted")
