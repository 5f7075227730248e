"""Snapshots, read once and encoded once per form for everybody who comes while the lane stands where it stands."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from typing import Final

from kernel.ids import RoomId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.audience import Wire
from rooms.feed import LaneFeed
from rooms.model import Lane
from rooms.ports import RoomStore, Snapshot
from rooms.ring import weight

MAX_KEPT: Final = 32
# As `weight` counts; above it a snapshot shows fewer threads and says that there are more.
MAX_WEIGHT: Final = 1536 * 1024
_ATTEMPTS: Final = 4

Key = tuple[RoomId, Lane, int]


class Shot:
    """One snapshot and its message in each form that somebody asked for."""

    __slots__ = ("_framed", "_lane", "_room", "_snapshot", "_wire", "epoch", "head")

    def __init__(self, room: RoomId, lane: Lane, snapshot: Snapshot, wire: Wire) -> None:
        self.epoch = snapshot.epoch
        self.head = snapshot.head
        self._room = room
        self._lane = lane
        self._snapshot = snapshot
        self._wire = wire
        self._framed: dict[str, bytes] = {}

    def framed(self, form: str) -> bytes:
        found = self._framed.get(form)
        if found is None:
            found = self._framed[form] = self._wire.snap(form, self._lane, self._frame())
        return found

    def _frame(self) -> dict[str, object]:
        shown = self._snapshot
        return {
            "t": "snap",
            "r": self._room,
            "l": self._lane,
            "ep": shown.epoch,
            "head": shown.head,
            "state": shown.state,
            "x": shown.items,
            "pinned": shown.pinned,
            "stage": shown.stage,
            "tally": shown.tally,
            "more": shown.more,
        }


class Snapshots:
    """Never answers with one older than what the lane had applied when it was asked."""

    def __init__(self, store: RoomStore, wire: Wire, counts: Counter[str]) -> None:
        self._store = store
        self._wire = wire
        self._counts = counts
        self._kept: OrderedDict[Key, Shot] = OrderedDict()
        self._reads: dict[Key, asyncio.Task[Shot | Refusal]] = {}
        self._changes: Counter[RoomId] = Counter()

    async def get(self, feed: LaneFeed, tail: int) -> Shot:
        """Raises `unavailable` when the store does not answer, or will not come to one state with the feed."""
        key, wanted = (feed.room, feed.lane, tail), feed.applied
        kept = self._kept.get(key)
        if kept is not None and kept.epoch == feed.epoch and kept.head >= wanted:
            self._kept.move_to_end(key)
            self._counts["snapshots.shared"] += 1
            return kept
        for _ in range(_ATTEMPTS):
            # A read under way may be older than the question; the one after it is not.
            shot = await asyncio.shield(self._read(key))
            if isinstance(shot, Refusal):
                raise shot
            if shot.epoch != feed.epoch:
                await feed.refresh()
                wanted = feed.applied
            if shot.epoch == feed.epoch and shot.head >= wanted:
                return shot
        raise Refusal("unavailable", retry_ms=1_000)

    def changed(self, room: RoomId) -> None:
        """Something that has no number in the lane itself is now otherwise: votes, seats."""
        self._changes[room] += 1
        for key in [key for key in self._kept if key[0] == room]:
            del self._kept[key]

    def forget(self, room: RoomId) -> None:
        self.changed(room)
        del self._changes[room]

    def _read(self, key: Key) -> asyncio.Task[Shot | Refusal]:
        task = self._reads.get(key)
        if task is None:
            task = self._reads[key] = spawn(self._read_once(key), name=f"snapshot {key[0]} {key[1]}")
            task.add_done_callback(lambda _: self._reads.pop(key, None))
        return task

    async def _read_once(self, key: Key) -> Shot | Refusal:
        room, lane, tail = key
        change = self._changes[room]
        self._counts["snapshots.read"] += 1
        try:
            snapshot = await self._store.snapshot(room, lane, tail)
            while tail > 1 and sum(map(weight, snapshot.items)) > MAX_WEIGHT:
                tail //= 2
                snapshot = await self._store.snapshot(room, lane, tail)
        except Refusal as refusal:
            return refusal
        shot = Shot(room, lane, snapshot, self._wire)
        if self._changes[room] == change:
            self._keep(key, shot)
        return shot

    def _keep(self, key: Key, shot: Shot) -> None:
        self._kept[key] = shot
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
