"""Decisions on the ladder of sanctions: warned, muted, suspended, banned; lifted, acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from kernel.ids import RoomId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import Acknowledge, LiftSanction, Sanction, Sanctioned
from rooms.model import Lane, RoomState
from rooms.sanctions import SanctionEntry, Via
from rooms.working_set import AuditEntry, Draft, WorkingSet, named, signed


def sanction(ws: WorkingSet, command: Sanction) -> Sanctioned:
    by = signed(command.by)
    rooms = _concerned(ws, command.room)
    entry = SanctionEntry(
        id=command.id,
        user=command.user,
        room=command.room,
        until=command.until,
        reason=command.reason,
        rule=command.rule,
        by=by,
        at=command.at,
        kind=command.kind,
        via=command.via,
        source=command.source,
    )
    ws.sanctions.add(entry.id, entry)
    _tell(ws, rooms, entry, command.by, command.at)
    # The audit keeps by what it was; of which device or address nothing outlives the sanction.
    detail: dict[str, Any] = {
        "until": command.until,
        "reason": command.reason,
        "rule": command.rule,
        "room": command.room,
    }
    detail |= _said(entry)
    ws.audits.append(AuditEntry(f"moderation:user:{command.kind}", by, command.user, detail, command.at))
    return Sanctioned(command.until)


def lift_sanction(ws: WorkingSet, command: LiftSanction) -> Sanctioned:
    """Ends what is in force; with nothing in force there is nothing to tell."""
    _concerned(ws, command.room)
    lifted = [
        one
        for one in ws.sanctions
        if one.user == command.user and one.room == command.room and one.lifted_at is None and one.until > ws.now
    ]
    end_sanctions(ws, lifted, command.by, command.at)
    return Sanctioned(0)


def end_sanctions(ws: WorkingSet, lifted: Sequence[SanctionEntry], by: Actor, at: int) -> None:
    """Lifts those of one person and one reach that are still in force, and says so once."""
    standing = [one for one in lifted if one.lifted_at is None and one.until > ws.now]
    for one in standing:
        one.lifted_at = at
    if standing:
        user, room = standing[0].user, standing[0].room
        over = replace(standing[0], until=0, reason="", rule=None)
        _tell(ws, _concerned(ws, room), over, by, at)
        ws.audits.append(AuditEntry("moderation:user:unmute", signed(by), user, {"room": room}, at))


def _concerned(ws: WorkingSet, room: RoomId | None) -> list[RoomId]:
    """The rooms whose moderators are told: the one, or all that are on air."""
    if room is not None:
        return [ws.room(room).room.id]
    return [entry.room.id for entry in ws.rooms if entry.room.state is not RoomState.CLOSED]


def acknowledge(ws: WorkingSet, command: Acknowledge) -> Sanctioned:
    """Once is enough; what was acknowledged stays on record, and in force for as long as it was meant to."""
    by, found = signed(command.by), ws.sanctions.get(command.sanction)
    if found is None:
        raise Refusal("no_appeal")
    if found.user != by:
        raise Refusal("forbidden")
    if found.acknowledged_at is None:
        found.acknowledged_at = command.at
    return Sanctioned(found.until)


def _tell(ws: WorkingSet, rooms: Iterable[RoomId], entry: SanctionEntry, by: Actor, at: int) -> None:
    """`until` 0: over."""
    told = {
        "author": entry.user,
        "kind": entry.kind.value,
        "until": entry.until,
        "reason": entry.reason or None,
        "rule": entry.rule,
        "by": named(by),
    } | _said(entry)
    for room in rooms:
        ws.record(Draft(room, Lane.MOD, "sanction", at, meta=told))


def _said(entry: SanctionEntry) -> dict[str, str]:
    return {} if entry.via is Via.ACCOUNT else {"via": entry.via.value}
