"""The furthest this process has seen each lane: what stands before it afterwards has lost something."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from kernel.ids import RoomId
from rooms.model import Lane
from rooms.ports import Head, Hint

# Lanes; the least recently seen are forgotten, and then only the feeds' probe watches over them.
KNOWN_MAX = 20_000


class KnownHeads:
    """Written on the event loop, read on whichever thread writes to the database."""

    def __init__(self) -> None:
        self._heads: OrderedDict[tuple[RoomId, Lane], Head] = OrderedDict()

    def note(self, room: RoomId, lane: Lane, head: Head) -> None:
        """As committed; answers may come in another order than they were read."""
        known = self._heads.get((room, lane))
        if known is None or known.epoch != head.epoch or known.seq < head.seq:
            self._heads[room, lane] = head
        self._heads.move_to_end((room, lane))
        if len(self._heads) > KNOWN_MAX:
            self._heads.popitem(last=False)

    def note_hints(self, hints: Iterable[Hint]) -> None:
        for hint in hints:
            if hint.items:
                self.note(hint.room, hint.lane, Head(hint.epoch, hint.b))

    def went_back(self, room: RoomId, lane: Lane, now: Head) -> bool:
        """Whether numbers after `now` were given before, in the same epoch: by a database that has forgotten them."""
        known = self._heads.get((room, lane))
        return known is not None and known.epoch == now.epoch and now.seq < known.seq
