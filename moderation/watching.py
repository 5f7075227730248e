"""The city's rooms on air as who plans the evening sees them: how each queue fares, who is there, what is amiss."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, Protocol

from kernel.clock import Clock
from kernel.ids import RoomId
from kernel.permissions import Action, Actor, require
from moderation.alarms import Alarm, raised
from moderation.queue_health import LOOK_BACK_MIN, MINUTE_MS, Decided, QueueHealth, health_of
from moderation.shifts import Shift
from rooms.emergency import as_it_stands
from rooms.model import Room, RoomState

# Of each state; a city has fewer rooms on air at once.
ROOMS_MAX: Final = 100
_ON_AIR: Final = (RoomState.LIVE, RoomState.PAUSED)


class WatchStore(Protocol):
    async def city_times(self, after: int) -> tuple[list[tuple[RoomId, int]], list[tuple[RoomId, Decided]]]:
        """By room, since when each waiting post waits, and what was decided after that time; at most 10,000 of each."""
        ...

    async def rooms(self, state: RoomState | None, cursor: str | None, limit: int) -> tuple[list[Room], str | None]: ...

    async def shifts(self) -> list[Shift]: ...


@dataclass(frozen=True, slots=True)
class WatchedRoom:
    """`room` as it stands now: what an emergency that ran out closed is open again."""

    room: Room
    figures: QueueHealth
    alarms: frozenset[Alarm]

    @property
    def emergency(self) -> bool:
        return self.room.frozen or self.room.emergency.hold or self.room.emergency.verified


@dataclass(frozen=True, slots=True)
class CityWatch:
    """`rooms`: those on air, what needs somebody first. `elsewhere` is how many wait in all other rooms."""

    at: int
    figures: QueueHealth
    alarms: frozenset[Alarm]
    rooms: tuple[WatchedRoom, ...]
    elsewhere: int
    here: tuple[Shift, ...]
    away: tuple[Shift, ...]  # who rests


class Watching:
    def __init__(self, store: WatchStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def city(self, actor: Actor) -> CityWatch:
        require(actor, Action.QUEUE_HEALTH)
        now = self._clock.now_ms()
        waiting, decided = await self._store.city_times(now - LOOK_BACK_MIN * MINUTE_MS)
        shifts = await self._store.shifts()
        here = tuple(one for one in shifts if one.here(now))
        on_air = [room for state in _ON_AIR for room in (await self._store.rooms(state, None, ROOMS_MAX))[0]]
        waits: defaultdict[RoomId, list[int]] = defaultdict(list)
        rulings: defaultdict[RoomId, list[Decided]] = defaultdict(list)
        for where, since in waiting:
            waits[where].append(since)
        for where, one in decided:
            rulings[where].append(one)
        rooms = [_watched(room, waits[room.id], rulings[room.id], now, len(here)) for room in on_air]
        figures = health_of(now, [since for _, since in waiting], [one for _, one in decided])
        return CityWatch(
            at=now,
            figures=figures,
            alarms=frozenset(raised(figures, len(here), ())),
            rooms=tuple(sorted(rooms, key=_urgency)),
            elsewhere=len(waiting) - sum(one.figures.waiting for one in rooms),
            here=here,
            away=tuple(one for one in shifts if one.rests(now)),
        )


def _watched(room: Room, waits: list[int], decided: list[Decided], now: int, here: int) -> WatchedRoom:
    figures = health_of(now, waits, decided)
    return WatchedRoom(as_it_stands(room, now), figures, frozenset(raised(figures, here, ())))


def _urgency(one: WatchedRoom) -> tuple[bool, bool, int, str]:
    return not one.alarms, not one.emergency, -(one.figures.oldest_ms or 0), one.room.id
