"""Who is on duty, and how the queue fares: for moderators, and for who plans their work."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.endpoints import Call
from gateway.schemas import Body, Id, Query, Shown, Time
from kernel.ids import RoomId
from moderation.shifts import ShiftState


class HealthQuery(Query):
    room: Id | None = None


class ShiftTurn(Body):
    state: Literal["on", "rest", "off"]
    until: Time | None = None
    note: Annotated[str, Field(max_length=2_000)] | None = None


class QueueHealthShown(Shown):
    """Times in milliseconds; `arrived` and `decided` of the last 5 and 30 minutes, `line` by the minute, now last."""

    waiting: int
    oldest_ms: int | None
    wait_p50_ms: int | None
    wait_p95_ms: int | None
    arrived: list[int]
    decided: list[int]
    line: list[int]
    backlog_line: int
    over: bool
    unattended: bool  # something waits, and nobody is there
    shifts: list[dict[str, Any]]  # {id, name, state, since, until, here, note?, note_at?}


async def read_health(call: Call, query: HealthQuery) -> QueueHealthShown:
    """How long and how many wait, how fast it goes, who is on duty; no texts."""
    room = None if query.room is None else RoomId(query.room)
    return QueueHealthShown.model_validate(await call.services.review.shifts.health(call.actor, room))


async def turn_shift(call: Call, body: ShiftTurn) -> None:
    """Comes on duty, rests until a time, or goes with a note to the next."""
    await call.services.review.shifts.turn(call.actor, ShiftState(body.state), body.until, body.note)
