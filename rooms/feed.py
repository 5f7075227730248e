"""What one node knows of the lanes of one room: it follows the store by hints, and by reading wherever hints fail."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Final

from kernel.ids import RoomId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.model import Lane
from rooms.ports import Head, Hint, Item, RoomStore, Slice
from rooms.ring import Encode, Ring
from rooms.timers import Scheduler, Timer

# Two nodes may publish what they committed in the other order; a hole that stays longer is a lost hint.
HOLD_S: Final = 0.03
PAGE: Final = 500
MAX_WAITING: Final = 64

_log = logging.getLogger(__name__)

Applied = Callable[["LaneFeed", list[Item]], None]
Void = Callable[["LaneFeed", str], None]


class LaneFeed:
    """One lane: everything up to `applied` has been passed on, in order, each number once.

    Hints may be lost, doubled, reordered or wrong in their extent; only the store is believed about the epoch.
    """

    def __init__(
        self,
        room: RoomId,
        lane: Lane,
        head: Head,
        *,
        store: RoomStore,
        scheduler: Scheduler,
        encode: Encode,
        on_items: Applied,
        on_reset: Void,
        counts: Counter[str],
    ) -> None:
        self.room = room
        self.lane = lane
        self.epoch = head.epoch
        self.ring = Ring(head.seq, encode)
        self.store_head = head.seq  # as last read; what a heartbeat tells
        self.hidden_seq = 0  # of the newest redaction applied: no snapshot older than it may be given out
        self._store = store
        self._scheduler = scheduler
        self._encode = encode
        self._on_items = on_items
        self._on_reset = on_reset
        self._counts = counts
        self._waiting: dict[int, Hint] = {}
        self._hold: Timer | None = None
        self._closed = False
        self._reading: asyncio.Task[Refusal | None] | None = None
        self._renewing: asyncio.Task[None] | None = None

    @property
    def applied(self) -> int:
        return self.ring.head

    # --- being told -------------------------------------------------------------------------------------------------

    def receive(self, hint: Hint) -> None:
        """Applies what is next, forgets what is known, holds what came early, and reads where that does not help."""
        if hint.epoch != self.epoch:
            self._look("epoch")
        elif hint.b <= self.applied:
            self._counts["feed.hints_old"] += 1
        elif not _is_whole(hint):
            self._look("partial")
        elif hint.a <= self.applied + 1:
            self._apply(hint.items)
            self._apply_waiting()
        else:
            self._wait_for_gap(hint)

    def probed(self, head: Head, applied_then: int) -> None:
        """What the store said. `applied_then` is where this lane stood when it was *asked*: hints go on meanwhile."""
        if head.epoch != self.epoch:
            self._void(head, "epoch")
        elif head.seq < applied_then:
            self._regress()
        else:
            self.store_head = max(self.store_head, head.seq)
            if head.seq > self.applied:
                self._look("probe")

    async def refresh(self) -> None:
        """Returns when all that was committed before the call has been applied; raises what the store raises."""
        if self._reading is not None:
            # A read under way may have been answered before the call.
            await asyncio.shield(self._reading)
        failure = await asyncio.shield(self._read())
        if failure is not None:
            raise failure

    def close(self) -> None:
        self._closed = True
        self._stop_holding()
        self._waiting.clear()

    # --- hints that came early --------------------------------------------------------------------------------------

    def _wait_for_gap(self, hint: Hint) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.clear()
            self._look("overflow")
            return
        self._waiting[hint.a] = hint
        if self._hold is None and self._reading is None:
            self._hold = self._scheduler.call_later(HOLD_S, self._held_long_enough)

    def _held_long_enough(self) -> None:
        self._hold = None
        if self._waiting:
            self._look("gap")

    def _apply_waiting(self) -> None:
        for first in sorted(self._waiting):
            if first > self.applied + 1:
                break
            self._apply(self._waiting.pop(first).items)
        if not self._waiting:
            self._stop_holding()

    def _stop_holding(self) -> None:
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None

    # --- reading ----------------------------------------------------------------------------------------------------

    def _look(self, cause: str) -> None:
        if self._reading is None:
            self._counts[f"feed.reads_{cause}"] += 1
            self._read()

    def _read(self) -> asyncio.Task[Refusal | None]:
        """The one read of this lane under way; whoever needs it shares it."""
        if self._reading is None:
            self._reading = spawn(self._read_on(), name=f"feed {self.room} {self.lane}")
            self._reading.add_done_callback(self._read_ended)
        return self._reading

    async def _read_on(self) -> Refusal | None:
        more = True
        while more:
            epoch, after, told = self.epoch, self.applied, tuple(self._waiting)
            try:
                read = await self._store.events(self.room, self.lane, after, PAGE)
            except Refusal as refusal:
                # The next probe comes back to it; nothing is lost, only late.
                self._counts["feed.reads_failed"] += 1
                return refusal
            if self.epoch != epoch:
                continue  # reset meanwhile, by one who knew more than this answer does
            more = self._take(read, after)
            # A hint follows its commit: what these told of is read by now, or they told of nothing.
            for first in told:
                self._waiting.pop(first, None)
        return None

    def _read_ended(self, task: asyncio.Task[Refusal | None]) -> None:
        self._reading = None
        if not task.cancelled() and task.exception() is None and task.result() is None and self._waiting:
            self._hold = self._hold or self._scheduler.call_later(HOLD_S, self._held_long_enough)

    def _take(self, read: Slice, after: int) -> bool:
        """Applies a slice read after that position; tells whether there is more to read."""
        if self._closed:
            return False
        if read.epoch != self.epoch:
            self._void(Head(read.epoch, read.head), "epoch")
            return False
        if read.head < after:
            self._regress()
            return False
        self.store_head = max(self.store_head, read.head)
        self._apply(read.items)
        self._apply_waiting()
        return after < self.applied < read.head

    # --- going on ---------------------------------------------------------------------------------------------------

    def _apply(self, items: list[Item]) -> None:
        """Takes the items that come next; the ring refuses a hole, so none can be passed on."""
        fresh = [item for item in items if item["s"] > self.applied]
        taken = 0
        for item in fresh:
            if item["s"] != self.applied + 1:
                _log.error("%s %s: item %s after %s", self.room, self.lane, item["s"], self.applied)
                break
            self.ring.append(item)
            if item["k"] == "redact":
                self.hidden_seq = item["s"]
            taken += 1
        if taken:
            self.store_head = max(self.store_head, self.applied)
            self._on_items(self, fresh[:taken])

    def _regress(self) -> None:
        """The store lost what it had: its numbers will repeat, so the epoch must end before anybody counts on."""
        if self._renewing is None:
            _log.error("%s %s stands before %s", self.room, self.lane, self.applied)
            self._renewing = spawn(self._renew(), name=f"epoch {self.room} {self.lane}")

    async def _renew(self) -> None:
        lost = self.epoch
        try:
            head = await self._store.renew_epoch(self.room, self.lane, lost)
        except Refusal:
            # The next probe finds the same and asks again.
            self._counts["feed.renewals_failed"] += 1
        else:
            if self.epoch == lost and not self._closed:
                self._void(head, "regress")
        finally:
            self._renewing = None

    def _void(self, head: Head, why: str) -> None:
        """Numbers may repeat: every position of before is void, whoever holds one."""
        _log.error("%s %s reset (%s): %s at %s", self.room, self.lane, why, self.epoch, self.applied)
        self._counts["feed.resets"] += 1
        self._stop_holding()
        self._waiting.clear()
        self.epoch = head.epoch
        self.ring = Ring(head.seq, self._encode)
        self.store_head = head.seq
        self.hidden_seq = head.seq
        self._on_reset(self, why)


class Feed:
    """The lanes of one hosted room."""

    def __init__(self, room: RoomId, lanes: dict[Lane, LaneFeed], read_at: float) -> None:
        self.room = room
        self.lanes = lanes
        self.read_at = read_at  # of the last successful read of the heads

    def receive(self, hint: Hint) -> None:
        # What has no number concerns no lane; a range without its items says where to look.
        if 1 <= hint.a <= hint.b and (lane := self.lanes.get(hint.lane)) is not None:
            lane.receive(hint)

    def close(self) -> None:
        for lane in self.lanes.values():
            lane.close()


def _is_whole(hint: Hint) -> bool:
    return [item["s"] for item in hint.items] == list(range(hint.a, hint.b + 1))
