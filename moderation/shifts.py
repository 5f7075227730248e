"""Who is on duty at the review desk, what they leave to the next, and how the queue fares under their hands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from kernel.clock import Clock
from kernel.ids import RoomId, UserId
from kernel.permissions import Action, Actor, Role, require
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.alarms import Alarms
from moderation.inputs import note_of
from moderation.queue_health import LOOK_BACK_MIN, MINUTE_MS, Decided, QueueHealth, health_of, unattended

WATCH_S: Final = 15.0
# Who is at the screen asks more often than this; who has closed the lid is not on duty.
SEEN_MS: Final = 3 * MINUTE_MS
REST_MAX_MS: Final = 4 * 60 * MINUTE_MS
# A note is for the next shift, not for the archive.
NOTE_MS: Final = 12 * 60 * MINUTE_MS

_log = logging.getLogger(__name__)


class ShiftState(StrEnum):
    ON = "on"
    REST = "rest"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Shift:
    """One moderator's. `until` ends a rest; `seen` is when the screen last asked; `note` is for the next."""

    moderator: UserId
    name: str
    state: ShiftState
    since: int
    until: int | None
    seen: int
    note: str | None
    note_at: int | None

    def here(self, now: int) -> bool:
        return self.state is ShiftState.ON and now - self.seen <= SEEN_MS

    def rests(self, now: int) -> bool:
        """Until when they said, and no longer."""
        return self.state is ShiftState.REST and (self.until or 0) > now

    def to_wire(self, now: int) -> dict[str, object]:
        shown: dict[str, object] = {"id": self.moderator, "name": self.name, "state": self.state.value}
        shown |= {"since": self.since, "until": self.until, "here": self.here(now)}
        if self.note is not None and self.note_at is not None and now - self.note_at <= NOTE_MS:
            shown |= {"note": self.note, "note_at": self.note_at}
        return shown


class ShiftStore(Protocol):
    async def queue_times(self, room: RoomId | None, after: int) -> tuple[list[int], list[Decided]]:
        """Since when each waiting post waits, at most 10,000; what was decided after that time, the newest 10,000."""
        ...

    async def shifts(self) -> list[Shift]: ...

    async def put_shift(self, shift: Shift) -> None: ...

    async def see_shift(self, moderator: UserId, at: int) -> None:
        """The moderator's screen asked; who is not on duty by now stays so."""
        ...


class Shifts:
    """Moderators come, rest and go; coordinators and hosts look on."""

    def __init__(self, store: ShiftStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._told: Mapping[str, float] = {}
        self.alarms: Alarms | None = None  # None: nobody asked to be told
        self._task: asyncio.Task[None] | None = None

    async def health(self, actor: Actor, room: RoomId | None) -> dict[str, Any]:
        """The queue's figures and who is on duty; a moderator's asking says that they are here."""
        require(actor, Action.QUEUE_HEALTH)
        now = self._clock.now_ms()
        shifts = await self._store.shifts()
        own = next((one for one in shifts if one.moderator == actor.id), None)
        if own is not None and own.state is ShiftState.ON and now - own.seen >= MINUTE_MS:
            await self._store.see_shift(own.moderator, now)
        figures = await self._figures(room, now)
        alone = unattended(figures, sum(one.here(now) for one in shifts))
        return {**figures.to_wire(), "unattended": alone, "shifts": [one.to_wire(now) for one in shifts]}

    async def turn(self, actor: Actor, state: ShiftState, until: int | None, note: str | None) -> None:
        """Comes on duty, rests until a time, or goes, with a word to the next."""
        require(actor, Action.REVIEW)
        now = self._clock.now_ms()
        if actor.id is None or actor.role is not Role.MODERATOR:
            raise Refusal("forbidden")
        if until is not None and (state is not ShiftState.REST or not now < until <= now + REST_MAX_MS):
            raise Refusal("bad_request", field="until")
        said = note_of(note, "note")
        before = next((one for one in await self._store.shifts() if one.moderator == actor.id), None)
        kept = (before.note, before.note_at) if before is not None and said is None else (said, now if said else None)
        await self._store.put_shift(Shift(actor.id, actor.name, state, now, until, now, *kept))

    # --- for who watches the city ----------------------------------------------------------------------------------

    def measures(self) -> Mapping[str, float]:
        """As last looked at, every 15 seconds, of all rooms together."""
        return self._told if self.alarms is None else {**self._told, **self.alarms.measures()}

    def start(self) -> None:
        self._task = spawn(self._watch(), name="queue health")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def look(self) -> None:
        now = self._clock.now_ms()
        figures = await self._figures(None, now)
        here = sum(one.here(now) for one in await self._store.shifts())
        self._told = {
            "review_waiting": float(figures.waiting),
            "review_oldest_seconds": (figures.oldest_ms or 0) / 1_000,
            "review_wait_p50_seconds": (figures.wait_p50_ms or 0) / 1_000,
            "review_wait_p95_seconds": (figures.wait_p95_ms or 0) / 1_000,
            "review_arrived_5m": float(figures.arrived[0]),
            "review_decided_5m": float(figures.decided[0]),
            "review_on_duty": float(here),
            "review_unattended": float(unattended(figures, here)),
        }
        if self.alarms is not None:
            await self.alarms.look(figures, here)

    async def _figures(self, room: RoomId | None, now: int) -> QueueHealth:
        waiting, decided = await self._store.queue_times(room, now - LOOK_BACK_MIN * MINUTE_MS)
        return health_of(now, waiting, decided)

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Refusal:
                pass  # the store is away; the next look tells
            except Exception:
                _log.exception("the queue's health could not be looked at")
            await asyncio.sleep(WATCH_S)
