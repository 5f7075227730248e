"""How many watch a room: a count for everybody, names for nobody; and whether a moderator is among them elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kernel.ids import RoomId

EXACT_UPTO: Final = 1_000
_STEP: Final = 100


@dataclass(frozen=True, slots=True)
class Viewers:
    """`approx`: rounded, or some of it counted by others a while ago."""

    count: int
    approx: bool


def nobody_elsewhere(room: RoomId) -> int:
    """A single process has no other nodes."""
    return 0


def no_duty_elsewhere(room: RoomId) -> bool:
    return False


class Presence:
    """Connections in each room: here exactly, on other nodes as they last told."""

    def __init__(
        self,
        elsewhere: Callable[[RoomId], int] = nobody_elsewhere,
        duty_elsewhere: Callable[[RoomId], bool] = no_duty_elsewhere,
    ) -> None:
        self._here: dict[RoomId, int] = {}
        self._elsewhere = elsewhere
        self.duty_elsewhere = duty_elsewhere  # a moderator follows the room on another node

    def entered(self, room: RoomId) -> None:
        self._here[room] = self._here.get(room, 0) + 1

    def left(self, room: RoomId) -> None:
        remaining = self._here.get(room, 0) - 1
        if remaining > 0:
            self._here[room] = remaining
        else:
            self._here.pop(room, None)

    def viewers(self, room: RoomId) -> Viewers:
        elsewhere = self._elsewhere(room)
        count = self._here.get(room, 0) + elsewhere
        if count <= EXACT_UPTO:
            return Viewers(count, approx=elsewhere > 0)
        return Viewers(round(count / _STEP) * _STEP, approx=True)
