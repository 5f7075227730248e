"""Rooms: made, listed, steered; departments invited and seated."""

from __future__ import annotations

from gateway.addresses import own_origin
from gateway.endpoints import Call
from gateway.schemas import (
    Acceptance,
    Departments,
    DepartmentShown,
    Invitation,
    Invited,
    NewRoom,
    Numbered,
    RoomPage,
    RoomSet,
    RoomShown,
    RoomsQuery,
)
from kernel.ids import DepartmentId, RoomId
from rooms.model import Room, RoomState


async def list_departments(call: Call) -> Departments:
    """The departments that can be invited."""
    found = await call.services.store.departments()
    items = [
        DepartmentShown(id=one.id, name=one.name, name_en=one.name_en, mark=one.mark, slot=one.slot) for one in found
    ]
    return Departments(items=items, next=None)


async def create_room(call: Call, body: NewRoom) -> RoomShown:
    """Makes a room, scheduled or live at once."""
    given = body.model_dump(exclude_unset=True)
    given["policy"] = given.get("policy") or {}
    return _shown(await call.services.rooms.create(call.actor, **given))


async def list_rooms(call: Call, query: RoomsQuery) -> RoomPage:
    """Rooms, newest first."""
    state = None if query.state is None else RoomState(query.state)
    found, after = await call.services.store.rooms(state, query.cursor, query.limit)
    return RoomPage(items=[_shown(room) for room in found], next=after)


async def get_room(call: Call, room: str) -> RoomShown:
    """One room."""
    return _shown(await call.services.rooms.get(RoomId(room)))


async def open_room(call: Call, room: str) -> RoomShown:
    """Scheduled → live."""
    return await _change(call, room, "open")


async def pause_room(call: Call, room: str) -> RoomShown:
    """Live → paused."""
    return await _change(call, room, "pause")


async def resume_room(call: Call, room: str) -> RoomShown:
    """Paused → live."""
    return await _change(call, room, "resume")


async def close_room(call: Call, room: str) -> RoomShown:
    """Ends the room; its transcript stays."""
    return await _change(call, room, "close")


async def set_room(call: Call, room: str, body: RoomSet) -> Numbered:
    """Changes the given policy fields, or what an emergency closes: questions, guests, everything unseen."""
    policy = body.policy.model_dump(exclude_unset=True) if body.policy else {}
    seq = await call.services.rooms.set(
        call.actor,
        RoomId(room),
        policy,
        body.freeze,
        hold=body.hold,
        verified=body.verified,
        until=body.until,
        why=body.why,
    )
    return Numbered(seq=seq)


async def invite_department(call: Call, room: str, body: Invitation) -> Invited:
    """Invites a department: a short code to read out, and a link whose secret stands in the fragment."""
    code, secret = await call.services.rooms.invite(call.actor, RoomId(room), DepartmentId(body.department))
    # What stands behind # is sent to no server and written to no log.
    origin = own_origin(call.services.options, call.request.scope)
    return Invited(url=f"{origin}/signin#invite={secret}", code=code)


async def accept_invitation(call: Call, code: str) -> RoomShown:
    """Takes the seat that a short code invites to."""
    return _shown(await call.services.rooms.accept(call.actor, code))


async def accept_secret(call: Call, body: Acceptance) -> RoomShown:
    """The same by short code or by the secret of a link, which belongs in no address."""
    return _shown(await call.services.rooms.accept(call.actor, body.code))


async def _change(call: Call, room: str, verb: str) -> RoomShown:
    return _shown(await call.services.rooms.change(call.actor, RoomId(room), verb))


def _shown(room: Room) -> RoomShown:
    return RoomShown.model_validate(room.to_wire())
