"""Colleagues are told who holds what: a hint beside the store, which alone decides."""

from __future__ import annotations

from collections.abc import Iterable

from kernel.ids import PostId, RoomId
from kernel.permissions import Actor
from rooms.model import Lane
from rooms.ports import Bus, Hint


class ClaimTeller:
    """Without a bus nobody is told. `until` 0: held no longer."""

    def __init__(self, bus: Bus | None) -> None:
        self._bus = bus

    def tell(self, by: Actor, claims: Iterable[tuple[RoomId, PostId, int]]) -> None:
        if self._bus is None:
            return
        rooms: dict[RoomId, list[dict[str, object]]] = {}
        for room, post, until in claims:
            held = {"post": post, "by": {"name": by.name, "id": by.id}, "until": until}
            rooms.setdefault(room, []).append(held)
        for room, held_there in rooms.items():
            self._bus.publish(Hint(room, Lane.MOD, "", 0, 0, [], aside={"k": "claims", "x": held_there}))
