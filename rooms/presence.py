"""How many watch a room: a count for everybody, names for nobody; and whether a moderator is among them elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from kernel.ids import RoomId

EXACT_UPTO: Final = 1_000


@dataclass(frozen=True, slots=True)
class Viewers:
    """`approx`: rounded, or some of it counted by others a while ago, or nobody knows what others count."""

    count: int
    approx: bool


class Here(NamedTuple):
    """A room as one node has it: how many watch there, and whether a moderator follows it there."""

    viewers: int
    duty: bool


def nobody_elsewhere(room: RoomId) -> Viewers:
    """A single process has no other nodes."""
    return Viewers(0, approx=False)


def no_duty_elsewhere(room: RoomId) -> bool:
    return False


class Presence:
    """Connections in each room: here exactly, on other nodes as they last told."""

    def __init__(
        self,
        elsewhere: Callable[[RoomId], Viewers] = nobody_elsewhere,
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

    def here(self, room: RoomId) -> int:
        return self._here.get(room, 0)

    def viewers(self, room: RoomId) -> Viewers:
        elsewhere = self._elsewhere(room)
        count = self.here(room) + elsewhere.count
        if count <= EXACT_UPTO:
            return Viewers(count, elsewhere.approx)
        return Viewers(_three_digits(count), approx=True)


def _three_digits(count: int) -> int:
    """As much as anybody reads of it, and less than one in a hundred away from the truth."""
    step: int = 10 ** (len(str(count)) - 3)
    return round(count / step) * step
