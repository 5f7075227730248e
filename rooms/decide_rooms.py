"""Decisions on a room itself: its life, its policy, who is invited and who sits there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from accounts.model import Department
from kernel.ids import DepartmentId, UserId
from kernel.permissions import Action, require
from kernel.refusals import Refusal
from rooms.commands import ChangeState, CreateRoom, EndEmergency, Invite, Invited, RoomChanged, SetRoom, TakeSeat
from rooms.emergency import CALM, Emergency, over
from rooms.loosening import loosened
from rooms.model import Lane, Policy, Room, RoomDepartment, RoomState, StaffReview, TrustPass
from rooms.working_set import AuditEntry, Draft, Invitation, RoomEntry, Seat, WorkingSet, signed

_STEPS: Mapping[tuple[str, RoomState], RoomState] = MappingProxyType(
    {
        ("open", RoomState.SCHEDULED): RoomState.LIVE,
        ("pause", RoomState.LIVE): RoomState.PAUSED,
        ("resume", RoomState.PAUSED): RoomState.LIVE,
        ("close", RoomState.LIVE): RoomState.CLOSED,
        ("close", RoomState.PAUSED): RoomState.CLOSED,
    }
)
# Fields of a policy that are one of a few words.
_WORDS: Mapping[str, type[StaffReview] | type[TrustPass]] = MappingProxyType({"staff": StaffReview, "trust": TrustPass})
# Who ends what was to end by itself.
NOBODY: Final = UserId("-")
_SLOTS = 8  # colours there are; the order of invitation gives each department its own


def create(ws: WorkingSet, command: CreateRoom) -> RoomChanged:
    if command.id in ws.rooms:
        raise Refusal("conflict")
    wanted = tuple(dict.fromkeys(command.departments))
    departments = [_department(ws, department) for department in wanted]
    if command.lead is not None and command.lead not in wanted:
        raise Refusal("no_department")
    room = Room(
        id=command.id,
        code=command.code,
        title=command.title,
        summary=command.summary,
        state=RoomState.LIVE if command.open else RoomState.SCHEDULED,
        policy=command.policy,
        departments=tuple(_place(one, n, lead=one.id == command.lead) for n, one in enumerate(departments)),
        created_by=command.by,
        created_at=command.at,
        starts_at=command.starts_at,
        opened_at=command.at if command.open else None,
    )
    ws.rooms.add(room.id, RoomEntry(room))
    _audit(ws, "room:room:create", room, command.by, {"title": room.title}, command.at)
    return _say_state(ws, room, command.at) if command.open else _changed(ws, room)


def change_state(ws: WorkingSet, command: ChangeState) -> RoomChanged:
    entry = ws.room(command.room)
    state = _STEPS.get((command.verb, entry.room.state))
    if state is None:
        raise Refusal("bad_state")
    opened_at = entry.room.opened_at
    if opened_at is None and state is RoomState.LIVE:
        opened_at = command.at
    closed_at = command.at if state is RoomState.CLOSED else None
    by = signed(command.by)
    entry.room = replace(entry.room, state=state, opened_at=opened_at, closed_at=closed_at)
    _audit(ws, f"room:room:{command.verb}", entry.room, by, {}, command.at)
    return _say_state(ws, entry.room, command.at)


def set_room(ws: WorkingSet, command: SetRoom) -> RoomChanged:
    """Changes what is given; what is so already makes no event."""
    entry = ws.room(command.room)
    by = signed(command.by)
    policy = changed_policy(entry.room.policy, command.policy)
    if loosened(entry.room.policy, policy):
        require(command.by, Action.ROOM_SET, parties=entry.room.parties)
    # One that has run out holds nothing any more, and its end is not that of what is declared now.
    ran_out = over(entry.room, ws.now)
    frozen = command.freeze if command.freeze is not None else entry.room.frozen and not ran_out
    told: dict[str, Any] = {}
    was: dict[str, Any] = {}
    if policy != entry.room.policy:
        told["policy"], was["policy"] = policy.to_wire(), entry.room.policy.to_wire()
    if frozen != entry.room.frozen:
        told["freeze"], was["freeze"] = frozen, entry.room.frozen
    emergency = _declared(command, CALM if ran_out else entry.room.emergency, frozen)
    for name, value in emergency.to_wire().items():
        if value != (before := entry.room.emergency.to_wire()[name]):
            # What ends by itself is told by its time; 0: nothing does.
            told[name], was[name] = value or (0 if name == "until" else value), before
    if told:
        entry.room = replace(entry.room, policy=policy, frozen=frozen, emergency=emergency)
        ws.record(Draft(entry.room.id, Lane.PUB, "set", command.at, meta=told))
        said = {"why": command.why} if command.why else {}
        _audit(ws, "room:room:set", entry.room, by, {**told, "was": was, **said}, command.at)
    return _changed(ws, entry.room)


def _declared(command: SetRoom, before: Emergency, frozen: bool) -> Emergency:
    """With nothing closed there is nothing to end."""
    hold = before.hold if command.hold is None else command.hold
    verified = before.verified if command.verified is None else command.verified
    until = before.until if command.until is None else command.until or None
    return Emergency(hold, verified, until) if frozen or hold or verified else CALM


def end_emergency(ws: WorkingSet, command: EndEmergency) -> RoomChanged:
    """By nobody: whoever declared it said when. Said once, whichever node notices first."""
    entry = ws.room(command.room)
    if over(entry.room, ws.now):
        was = {"freeze": entry.room.frozen, **entry.room.emergency.to_wire()}
        told = {"freeze": False, "hold": False, "verified": False, "until": 0}
        entry.room = replace(entry.room, frozen=False, emergency=CALM)
        ws.record(Draft(entry.room.id, Lane.PUB, "set", command.at, meta=told))
        _audit(ws, "room:room:calm", entry.room, NOBODY, {"was": was}, command.at)
    return _changed(ws, entry.room)


def changed_policy(policy: Policy, fields: Mapping[str, object]) -> Policy:
    """`policy` with these fields; one that is unknown or of a wrong type is `bad_frame`."""
    changes: dict[str, Any] = {}
    for name, value in fields.items():
        if (words := _WORDS.get(name)) is not None:
            if value not in list(words):
                raise Refusal("bad_frame", field=name)
            changes[name] = words(str(value))
        elif name not in Policy.__dataclass_fields__ or type(value) is not type(getattr(policy, name)):
            raise Refusal("bad_frame", field=name)
        else:
            changes[name] = value
    if changes.get("slow_ms", 0) < 0:
        raise Refusal("bad_frame", field="slow_ms")
    return replace(policy, **changes)


def invite(ws: WorkingSet, command: Invite) -> Invited:
    entry = ws.room(command.room)
    by = signed(command.by)
    department = _department(ws, command.department)
    if entry.room.state is RoomState.CLOSED:
        raise Refusal("bad_state")
    invitation = Invitation(
        command.code, command.secret_hash, command.room, command.department, by, command.at, command.expires_at
    )
    ws.invitations.add(command.code, invitation)
    if command.department not in entry.room.parties:
        place = _place(department, len(entry.room.departments), lead=False)
        entry.room = replace(entry.room, departments=(*entry.room.departments, place))
        _say_departments(ws, entry.room, command.at)
    _audit(ws, "room:department:invite", entry.room, by, {"department": command.department}, command.at)
    return Invited(command.code)


def take_seat(ws: WorkingSet, command: TakeSeat) -> RoomChanged:
    """One member more at the desk of an invited department; sitting down twice is once."""
    invitation = next((one for one in ws.invitations if _names(one, command)), None)
    if invitation is None:
        raise Refusal("no_invitation")
    if invitation.expires_at <= ws.now:
        raise Refusal("expired")
    if command.by.department != invitation.department:
        raise Refusal("forbidden")
    account = signed(command.by)
    entry = ws.room(invitation.room)
    if (invitation.room, account) not in ws.seats:
        seat = Seat(invitation.room, account, invitation.department, command.at)
        ws.seats.add((invitation.room, account), seat)
        entry.room = replace(entry.room, departments=_seated(entry.room, invitation.department))
        told = {"dept": invitation.department, "name": command.by.name}
        ws.record(Draft(invitation.room, Lane.DESK, "seat", command.at, meta=told))
        _say_departments(ws, entry.room, command.at)
        _audit(ws, "room:seat:take", entry.room, account, {"department": invitation.department}, command.at)
    return _changed(ws, entry.room)


def _say_departments(ws: WorkingSet, room: Room, at: int) -> None:
    """Who answers here, and how many of each have sat down: what a newcomer sees, those who watch are told."""
    ws.record(Draft(room.id, Lane.PUB, "set", at, meta={"departments": room.to_wire()["departments"]}))


def _names(invitation: Invitation, command: TakeSeat) -> bool:
    return invitation.code == command.code or invitation.secret_hash == command.secret_hash


def _seated(room: Room, department: DepartmentId) -> tuple[RoomDepartment, ...]:
    return tuple(
        replace(place, seated=place.seated + 1) if place.id == department else place for place in room.departments
    )


def _department(ws: WorkingSet, department: DepartmentId) -> Department:
    found = ws.departments.get(department)
    if found is None:
        raise Refusal("no_department")
    return found


def _place(department: Department, position: int, *, lead: bool) -> RoomDepartment:
    return RoomDepartment(
        id=department.id,
        name=department.name,
        name_en=department.name_en,
        mark=department.mark,
        slot=position % _SLOTS + 1,
        lead=lead,
    )


def _say_state(ws: WorkingSet, room: Room, at: int) -> RoomChanged:
    ws.record(Draft(room.id, Lane.PUB, "state", at, meta={"state": room.state.value}))
    return _changed(ws, room)


def _changed(ws: WorkingSet, room: Room) -> RoomChanged:
    return RoomChanged(room.id, ws.pub_position(room.id), room.state)


def _audit(ws: WorkingSet, action: str, room: Room, by: UserId, detail: dict[str, Any], at: int) -> None:
    ws.audits.append(AuditEntry(action, by, room.id, detail, at))
