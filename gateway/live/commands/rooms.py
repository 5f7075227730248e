"""Coming and going, reading a stretch of a lane, and setting a room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.wire import MAX_TAIL, Fetch, Join, Leave, RoomSet
from kernel.ids import RoomId
from kernel.refusals import Refusal
from rooms.entrance import enter, prepare
from rooms.model import Lane, Room
from rooms.ports import Head
from rooms.sanctions import SanctionKind

if TYPE_CHECKING:
    from gateway.live.peer import LivePeer
    from gateway.live.session import Session
    from rooms.hosted import Hosted

CLOSE_BANNED: Final = 4403
# `pub` is read last, so that the least time passes between its snapshot and the screen.
_ORDER: Final = (Lane.MOD, Lane.DESK, Lane.PUB)


async def join(peer: LivePeer, frame: Join) -> None:
    session = peer.session
    hub = session.live.hub
    room = RoomId(frame.room)
    if room not in session.listener.rooms:
        limit = session.live.options.limits.rooms_per_connection
        if len(session.listener.rooms) >= limit:
            raise Refusal("too_many_rooms")
    lanes = [lane for lane in _ORDER if lane.value in frame.lanes]
    async with hub.hosting(room) as hosted:
        if hub.stale():
            raise Refusal("unavailable", retry_ms=1_000)
        shown = await _permitted(session, hosted, lanes)
        mine = await session.live.own.read(session.actor, room)
        if (mine["mute"] or {}).get("kind") == SanctionKind.BAN:
            session.bye(CLOSE_BANNED, "banned")
            return
        positions = _positions(frame, lanes)
        entrances = await prepare(hub, hosted, session.listener, lanes, min(frame.tail, MAX_TAIL), positions)
        if session.closing:
            return
        session.send(
            {
                "t": "joined",
                "id": frame.id,
                "room": room,
                "perms": session.live.rooms.perms(session.actor, shown),
                "lanes": {lane.value: entrance.to_wire() for lane, entrance in zip(lanes, entrances, strict=True)},
                "duty": hub.on_duty(room),
                "me": mine,
            }
        )
        enter(hub, hosted, session.listener, entrances)
        hub.asides.greet(room, session.listener)


async def leave(peer: LivePeer, frame: Leave) -> dict[str, object]:
    """Leaving a room one is not in is as good as having left it."""
    peer.session.live.hub.leave(peer.session.listener, RoomId(frame.room))
    return {}


async def fetch(peer: LivePeer, frame: Fetch) -> dict[str, object]:
    """What there is of `from..to`, from the store alone: it knows what has been hidden since."""
    live = peer.session.live
    room, lane = RoomId(frame.room), Lane(frame.lane)
    live.rooms.require_lane(peer.session.actor, await live.rooms.get(room), lane)
    read = await live.store.events(room, lane, frame.first - 1, frame.last - frame.first + 1)
    return {"x": read.items}


async def set_room(peer: LivePeer, frame: RoomSet) -> dict[str, object]:
    live = peer.session.live
    asked = frame.set
    seq = await live.rooms.set(
        peer.session.actor,
        RoomId(frame.room),
        frame.policy(),
        asked.freeze,
        hold=asked.hold,
        verified=asked.verified,
        until=asked.until,
        why=asked.why,
    )
    return {"seq": seq}


async def _permitted(session: Session, hosted: Hosted, lanes: list[Lane]) -> Room:
    """The room, once every lane asked for is granted; a remembered room never refuses, only a freshly read one."""
    live = session.live
    shown = await live.directory.get(hosted)
    granted = live.rooms.lanes(session.actor, shown)
    if not all(granted[lane] for lane in lanes):
        shown = await live.rooms.get(hosted.feed.room)
        for lane in lanes:
            live.rooms.require_lane(session.actor, shown, lane)
    return shown


def _positions(frame: Join, lanes: list[Lane]) -> dict[Lane, Head]:
    found = {lane: frame.position(lane.value) for lane in lanes}
    return {lane: Head(position.ep, position.seq) for lane, position in found.items() if position is not None}
