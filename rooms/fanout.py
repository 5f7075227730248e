"""One lane to all who watch it here: framed once per form and cursor, joined in windows that grow under load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rooms.audience import GONE, REACH_PARKED, View, Wire
from rooms.feed import LaneFeed
from rooms.slices import Walk
from rooms.timers import Scheduler, Timer

WINDOW_MIN_S: Final = 0.005
WINDOW_MAX_S: Final = 0.25
# What one delivery costs at least; the window keeps fan-out to about a quarter of the core.
DELIVERY_S: Final = 6e-6
WINDOW_PER_COST: Final = 4
# One message at most: a client library's usual limit is 1 MiB, and a slow line must get through one in time.
MESSAGE_BYTES: Final = 192 * 1024

Parked = Callable[[View], None]
Behind = Callable[[View], None]


class Fanout:
    """Knows no task and no queue per viewer: a viewer is a cursor into the ring, moved when its socket takes more."""

    def __init__(
        self, feed: LaneFeed, *, wire: Wire, scheduler: Scheduler, on_parked: Parked, on_behind: Behind
    ) -> None:
        self.feed = feed
        self.views: dict[View, None] = {}
        self.window_s = 0.0  # in which items are being joined now; 0 while the lane is quiet
        self._wire = wire
        self._scheduler = scheduler
        self._on_parked = on_parked
        self._on_behind = on_behind
        self._frames: dict[tuple[str, int, int], tuple[bytes, int]] = {}
        self._front = self._walked_to = feed.applied  # where the last walk left the first of its viewers
        self._dirty = False
        self._busy = False  # a walk is under way, or its window is open
        self._timer: Timer | None = None
        self._walk: Walk[View] | None = None

    # --- the lane moves ---------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """New items: at once when the lane was quiet, else when the present window ends."""
        self._dirty = True
        if not self._busy:
            self._busy = True
            self._timer = self._scheduler.call_soon(self._flush)

    def void(self, why: str) -> None:
        """Every cursor means nothing any more: each viewer gets `reset` and a snapshot."""
        self._frames.clear()
        for view in self.views:
            view.lose(why)
        Walk(self._scheduler, list(self.views), self._serve_all).start()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._walk is not None:
            self._walk.cancel()

    def _flush(self) -> None:
        self._timer = None
        self._dirty = False
        self._walked_to = self.feed.applied
        self._walk = Walk(self._scheduler, list(self.views), self._serve_all, self._walked)
        self._walk.start()

    def _walked(self) -> None:
        walk, self._walk = self._walk, None
        self._front = self._walked_to
        # Frames of other cursors are rare and short-lived; keeping them would keep texts beyond the ring.
        self._frames.clear()
        spent_s = max(walk.spent_s if walk is not None else 0.0, DELIVERY_S * len(self.views))
        self.window_s = min(WINDOW_MAX_S, max(WINDOW_MIN_S, spent_s * WINDOW_PER_COST))
        self._timer = self._scheduler.call_later(self.window_s, self._window_over)

    def _window_over(self) -> None:
        self._timer = None
        self._frames.clear()
        if self._dirty:
            self._flush()
        else:
            self._busy = False
            self.window_s = 0.0

    # --- one viewer -------------------------------------------------------------------------------------------------

    def _serve_all(self, views: Sequence[View]) -> None:
        """Most viewers stand where the last walk left them: for those the way is short, because it is walked often."""
        front, target = self._front, self.feed.applied
        shared: dict[str, bytes] = {}
        if front < target and self.feed.ring.covers(front):
            for form in {view.listener.form for view in views}:
                framed, end = self._framed(form, front)
                if end == target:
                    shared[form] = framed
        for view in views:
            listener = view.listener
            if view.cursor == front and listener.form in shared and (sink := listener.sink).writable:
                sink.write(shared[listener.form])
                view.cursor = target
            else:
                self.serve(view)

    def serve(self, view: View) -> None:
        """Hands over what the ring has after the cursor, as far as the socket takes it without holding any back."""
        if view.reading or view.cursor == GONE:
            return
        sink = view.listener.sink
        while view.lost is not None or view.cursor < self.feed.applied:
            if not sink.writable:
                self._on_parked(view)
                return
            if view.lost is not None or not self.feed.ring.covers(view.cursor):
                self._on_behind(view)
                return
            # Plainly: who stands here alone is not worth the packing.
            framed, view.cursor = self._framed(view.listener.codec, view.cursor)
            sink.write(framed)
        view.reach = REACH_PARKED  # a longer reach was for the way here

    def _framed(self, form: str, cursor: int) -> tuple[bytes, int]:
        """The message from a cursor on, and where it ends; the same bytes for everyone who stands there."""
        key = (form, cursor, self.feed.applied)
        found = self._frames.get(key)
        if found is None:
            found = self._build(form, cursor)
            if self._busy:
                self._frames[key] = found
        return found

    def _build(self, form: str, cursor: int) -> tuple[bytes, int]:
        items = self.feed.ring.encoded(self._wire.codec(form), cursor, self.feed.applied)
        items = items[: fitting(items)]
        last = cursor + len(items)
        feed = self.feed
        return self._wire.ev(form, feed.room, feed.lane, feed.epoch, cursor + 1, last, items), last


def fitting(items: list[bytes]) -> int:
    """How many of these items one message takes; one at least."""
    size = 0
    for count, item in enumerate(items):
        size += len(item) + 1
        if size > MESSAGE_BYTES and count:
            return count
    return len(items)
