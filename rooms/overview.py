"""What the first page tells about all rooms at once: which there are, on which days, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kernel.ids import DepartmentId, RoomId
from rooms.model import Room, RoomState

WORDS_MAX = 5


@dataclass(frozen=True, slots=True)
class RoomFilter:
    """Every condition that is given must hold. `since` and `until` bound when a room opened or was announced for."""

    words: tuple[str, ...] = ()  # each stands in the title, whatever its case
    department: DepartmentId | None = None
    state: RoomState | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Questions that can be read now, and how many of them have a reply that can be read now."""

    questions: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class CityFigures:
    """The same over all rooms; `sessions` counts the rooms that have been on air."""

    sessions: int
    questions: int
    answered: int


def words_of(query: str) -> tuple[str, ...]:
    """What is looked for: the query's parts between blanks. Chinese has none, so a title is searched, not an index."""
    return tuple(query.split())[:WORDS_MAX]


class Overview(Protocol):
    """Reads for pages that show many rooms. None is hot: whoever asks keeps the answers for a moment."""

    async def find_rooms(self, wanted: RoomFilter, limit: int) -> tuple[list[Room], bool]:
        """Newest first, and whether there are more; no more than a page, however large `limit` is."""
        ...

    async def moments(self, since: int, until: int) -> list[int]:
        """When the rooms of this span opened, or were announced for."""
        ...

    async def room_figures(self, rooms: Sequence[RoomId]) -> dict[RoomId, Figures]: ...
    async def city_figures(self) -> CityFigures: ...
    async def department_sessions(self) -> dict[DepartmentId, int]:
        """In how many rooms each department answers or has answered."""
        ...
