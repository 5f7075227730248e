"""Decisions on muting a person, in one room or in all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kernel.ids import RoomId, UserId
from kernel.permissions import Actor
from moderation.commands import LiftSanction, Sanction, Sanctioned
from rooms.model import Lane, RoomState
from rooms.working_set import AuditEntry, Draft, SanctionEntry, WorkingSet, named, signed


def sanction(ws: WorkingSet, command: Sanction) -> Sanctioned:
    by = signed(command.by)
    rooms = _concerned(ws, command.room)
    entry = SanctionEntry(
        command.id, command.user, command.room, command.until, command.reason, command.rule, by, command.at
    )
    ws.sanctions.add(entry.id, entry)
    _tell(ws, rooms, command.user, command.until, command.reason, command.rule, command.by, command.at)
    detail = {"until": command.until, "reason": command.reason, "rule": command.rule, "room": command.room}
    ws.audits.append(AuditEntry("moderation:user:mute", by, command.user, detail, command.at))
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
        _tell(ws, _concerned(ws, room), user, 0, None, None, by, at)
        ws.audits.append(AuditEntry("moderation:user:unmute", signed(by), user, {"room": room}, at))


def _concerned(ws: WorkingSet, room: RoomId | None) -> list[RoomId]:
    """The rooms whose moderators are told: the one, or all that are on air."""
    if room is not None:
        return [ws.room(room).room.id]
    return [entry.room.id for entry in ws.rooms if entry.room.state is not RoomState.CLOSED]


def _tell(
    ws: WorkingSet,
    rooms: Iterable[RoomId],
    user: UserId,
    until: int,
    reason: str | None,
    rule: int | None,
    by: Actor,
    at: int,
) -> None:
    told = {"author": user, "until": until, "reason": reason, "rule": rule, "by": named(by)}
    for room in rooms:
        ws.record(Draft(room, Lane.MOD, "sanction", at, meta=told))
