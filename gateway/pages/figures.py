"""How many questions of each room are answered, kept for a moment: lists of rooms overlap, whatever is searched for."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

from kernel.ids import RoomId
from rooms.overview import Figures, Overview

_FRESH_S = 5.0
_KEPT = 1_000


class KeptFigures:
    def __init__(self, store: Overview) -> None:
        self._store = store
        self._kept: OrderedDict[RoomId, tuple[float, Figures]] = OrderedDict()

    async def of(self, rooms: Iterable[RoomId]) -> dict[RoomId, Figures]:
        wanted = list(dict.fromkeys(rooms))
        now = asyncio.get_running_loop().time()
        due = [room for room in wanted if room not in self._kept or now - self._kept[room][0] > _FRESH_S]
        found = {room: self._kept[room][1] for room in wanted if room in self._kept}
        if due:
            read = await self._store.room_figures(due)
            for room in due:
                found[room] = read.get(room, Figures())
                self._keep(room, now, found[room])
        return found

    def _keep(self, room: RoomId, now: float, figures: Figures) -> None:
        self._kept[room] = (now, figures)
        self._kept.move_to_end(room)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
