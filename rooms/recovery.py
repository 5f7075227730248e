"""Viewers whom the ring cannot help: older items from the store, read once for all at a cursor, or a new snapshot."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Final

from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.audience import GONE, View, Wire
from rooms.fanout import Fanout, fitting
from rooms.ports import RoomStore
from rooms.slices import SLICE
from rooms.snapshots import Snapshots

PAGE: Final = 200


class Recovery:
    """One task per lane while somebody there waits for the store; none otherwise."""

    def __init__(self, store: RoomStore, snapshots: Snapshots, wire: Wire, counts: Counter[str]) -> None:
        self._store = store
        self._snapshots = snapshots
        self._wire = wire
        self._counts = counts
        self._queues: dict[Fanout, dict[View, None]] = {}
        self._tasks: dict[Fanout, asyncio.Task[None]] = {}

    def want(self, view: View) -> None:
        """The viewer's socket is free, and the ring does not have what comes next for it."""
        view.reading = True
        self._queues.setdefault(view.fanout, {})[view] = None
        self._start(view.fanout)

    def kick(self) -> None:
        """The store answers again: whoever waits for it may go on."""
        for fanout in list(self._queues):
            self._start(fanout)

    def forget(self, fanout: Fanout) -> None:
        self._queues.pop(fanout, None)

    def _start(self, fanout: Fanout) -> None:
        if fanout not in self._tasks:
            self._tasks[fanout] = spawn(self._work(fanout), name=f"recovery {fanout.feed.room}")

    async def _work(self, fanout: Fanout) -> None:
        try:
            while queue := self._queues.get(fanout):
                for view in [view for view in queue if view.cursor == GONE]:
                    del queue[view]
                await self._recover(fanout, list(queue))
            self._queues.pop(fanout, None)
        except Refusal:
            self._counts["recovery.waits"] += 1  # they stay queued until the next successful probe
        finally:
            del self._tasks[fanout]

    async def _recover(self, fanout: Fanout, views: list[View]) -> None:
        feed = fanout.feed
        by_cursor: dict[int, list[View]] = {}
        by_tail: dict[int, list[View]] = {}
        for view in views:
            if view.lost is None and feed.applied - view.cursor > view.reach:
                view.lose("behind")
            group = by_cursor if view.lost is None else by_tail
            group.setdefault(view.cursor if view.lost is None else view.tail, []).append(view)
        for cursor, group_views in by_cursor.items():
            await self._replay(fanout, cursor, group_views)
        for tail, group_views in by_tail.items():
            await self._start_anew(fanout, tail, group_views)

    async def _replay(self, fanout: Fanout, cursor: int, views: list[View]) -> None:
        feed = fanout.feed
        read = await self._store.events(feed.room, feed.lane, cursor, PAGE)
        if read.epoch != feed.epoch or not read.items:
            await feed.refresh()
            for view in views:
                view.lose(view.lost or "epoch")
            self._release(fanout, views)
            return
        self._counts["recovery.replays"] += len(views)
        framed: dict[str, tuple[bytes, int]] = {}
        async for view in self._present(fanout, views):
            if view.lost is not None or view.cursor != cursor:
                continue
            if view.listener.codec not in framed:
                items = [self._wire.item(view.listener.codec, item) for item in read.items]
                items = items[: fitting(items)]
                last = cursor + len(items)
                framed[view.listener.codec] = (
                    self._wire.ev(view.listener.codec, feed.room, feed.lane, feed.epoch, cursor + 1, last, items),
                    last,
                )
            message, view.cursor = framed[view.listener.codec]
            view.listener.sink.write(message)
        self._release(fanout, views)

    async def _start_anew(self, fanout: Fanout, tail: int, views: list[View]) -> None:
        feed = fanout.feed
        shot = await self._snapshots.get(feed, tail)
        async for view in self._present(fanout, views):
            if shot.epoch != feed.epoch or view.lost is None:
                continue
            codec, sink = view.listener.codec, view.listener.sink
            sink.write(self._wire.message(codec, reset_frame(view, shot.epoch, view.lost)))
            sink.write(shot.framed(view.listener.form))
            view.cursor, view.lost = shot.head, None
            self._counts["recovery.resets"] += 1
        self._release(fanout, views)

    async def _present(self, fanout: Fanout, views: Iterable[View]) -> AsyncIterator[View]:
        """Those still there and free to take more, a slice at a time."""
        for place, view in enumerate(views, 1):
            if view.cursor != GONE and view.listener.sink.writable:
                yield view
            if place % SLICE == 0:
                await asyncio.sleep(0)

    def _release(self, fanout: Fanout, views: list[View]) -> None:
        """Back to the fan-out, which parks, serves or sends here again."""
        queue = self._queues.get(fanout, {})
        for view in views:
            queue.pop(view, None)
            view.reading = False
            fanout.serve(view)


def reset_frame(view: View, epoch: str, why: str) -> dict[str, object]:
    feed = view.fanout.feed
    return {"t": "reset", "r": feed.room, "l": feed.lane, "ep": epoch, "why": why}
