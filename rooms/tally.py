"""Votes on their way to the screens: the newest count of each post, told at most once a second."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.ids import PostId, RoomId


class Tallies:
    """Counts are whole, not differences, so joining them means keeping the last."""

    def __init__(self) -> None:
        self._changed: dict[RoomId, dict[PostId, tuple[int, int]]] = {}

    def note(self, room: RoomId, counts: Mapping[PostId, tuple[int, int]]) -> None:
        self._changed.setdefault(room, {}).update(counts)

    def take(self) -> dict[RoomId, dict[PostId, tuple[int, int]]]:
        """What changed since the last call."""
        changed, self._changed = self._changed, {}
        return changed

    def forget(self, room: RoomId) -> None:
        self._changed.pop(room, None)


def tally_frame(room: RoomId, counts: Mapping[PostId, tuple[int, int]]) -> dict[str, object]:
    return {"t": "tally", "r": room, "x": dict(counts)}
