"""Work at one place: read a batch, hand its events over in order, move the cursor; from the claim to the last event."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from kernel.ids import RoomId
from kernel.refusals import Refusal
from rooms.following.pace import Pace
from rooms.following.ports import Claimed, Consumer, Cursors, EpochChanged, Event, Position, Write
from rooms.ports import Head, Slice

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Lost(Exception):
    """The place is another's, or may be: nothing more may be done here."""


class _Failed(Exception):
    """The consumer could not take an event; the cause says why."""


@dataclass(slots=True)
class Work:
    """One claim being worked off. `renewed_at`: when the store was last asked and said that the claim stands."""

    consumer: Consumer
    cursors: Cursors
    held: Claimed
    now: Callable[[], float]
    pace: Pace
    counts: Counter[str]
    renewed_at: float
    lost: bool = False
    unfinished: bool = False  # it ended before the lane did
    _position: Position = field(init=False)

    def __post_init__(self) -> None:
        self._position = self.held.position

    async def run(self) -> None:
        """Until the lane ends, the turn is over, or the consumer fails. Raises `Lost`, and what the store raises."""
        try:
            for _ in range(self.pace.batches):
                if await self._step():
                    return
        except _Failed as failed:
            self.unfinished = True
            self.counts["failures"] += 1
            _log.error(
                "consumer %s cannot take what follows %s %s %s",
                *(self.consumer.name, self.held.place.stream, self.held.place.lane, self._position.seq),
                exc_info=failed.__cause__,
            )
            await self.cursors.give_back(self.held, failed=True)
            return
        self.unfinished = True
        await self.cursors.give_back(self.held, failed=False)

    async def _step(self) -> bool:
        """One batch; True once the place has been given back."""
        place = self.held.place
        room = RoomId(place.stream)
        page = await self.cursors.events(room, place.lane, self._position.seq, self.pace.batch)
        if page.epoch == self._position.epoch and page.head < self._position.seq:
            # Numbers went back under the same epoch, so that they will repeat: nobody's positions mean anything now.
            head = await self.cursors.renew_epoch(room, place.lane, page.epoch)
            await self._change_epoch(head)
            return False
        if page.epoch != self._position.epoch:
            await self._change_epoch(Head(page.epoch, page.head))
            return False
        if not page.items:
            await self.cursors.give_back(self.held, failed=False)
            return True
        return await self._take(page)

    async def _change_epoch(self, head: Head) -> None:
        kept = self._position.seq if self._position.seq <= head.seq else 0
        change = EpochChanged(self.held.place, self._position, head.epoch, kept)
        answer = await self._ask(partial(self.consumer.epoch_changed, change))
        self.counts["epochs"] += 1
        after = max(0, min(answer.after, kept))
        await self._advance([(Position(head.epoch, after), answer.write)], release=False)

    async def _take(self, page: Slice) -> bool:
        dealt_with: list[tuple[Position, Write | None]] = []
        failed: _Failed | None = None
        for item in page.items:
            event = Event(self.held.place, page.epoch, item)
            try:
                write = await self._ask(partial(self.consumer.handle, event))
            except _Failed as failure:
                failed = failure
                break
            dealt_with.append((Position(page.epoch, event.seq), write))
        release = failed is None and dealt_with[-1][0].seq >= page.head
        if dealt_with:
            await self._advance(dealt_with, release=release)
            self.counts["events"] += len(dealt_with)
        if failed is not None:
            raise failed
        return release

    async def _ask(self, handle: Callable[[], Awaitable[T]]) -> T:
        self._require_ours()
        try:
            async with asyncio.timeout(self.pace.handle_s):
                return await handle()
        except Exception as failure:
            raise _Failed from failure

    async def _advance(self, dealt_with: Sequence[tuple[Position, Write | None]], *, release: bool) -> None:
        """All at once; where a write is refused, one by one, so that those before it stand and it alone fails."""
        try:
            await self._move(dealt_with, release=release)
        except _Failed:
            if len(dealt_with) == 1:
                raise
            for n, one in enumerate(dealt_with):
                await self._move([one], release=release and n == len(dealt_with) - 1)

    async def _move(self, dealt_with: Sequence[tuple[Position, Write | None]], *, release: bool) -> None:
        self._require_ours()
        to = dealt_with[-1][0]
        writes = [write for _, write in dealt_with if write is not None]
        asked_at = self.now()
        try:
            moved = await self.cursors.advance(self.held, self._position, to, writes, release=release)
        except Refusal as refusal:
            if refusal.code.name == "unavailable":
                # Whether it was done is unknown: the cursor itself will say.
                raise
            raise _Failed from refusal
        except Exception as failure:
            raise _Failed from failure
        if not moved:
            raise Lost
        self.renewed_at, self._position = asked_at, to

    def _require_ours(self) -> None:
        """Whoever could not tell the store in time that it lives must think that another has taken over."""
        if self.lost or self.now() - self.renewed_at >= self.pace.lease_s:
            raise Lost
