"""What is told in a room and stored nowhere: who is at the desk, what they draft, what moderators hold.

It travels as hints do, between nodes and with no promise; each frame goes to its own lane only, drafts to one team.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from kernel.clock import Clock
from kernel.ids import PostId, RoomId
from rooms.audience import Listener, Wire
from rooms.claims import Claims
from rooms.desk import Desk, Doing, Draft, Present
from rooms.model import Lane
from rooms.ports import Bus, Hint, Item
from rooms.telling import Audience, Telling

PUBLIC_S: Final = 1.0
# A newcomer is handed the newest drafts up to so many characters: no more than its socket may hold unsent.
GREETING_CHARS: Final = 40_000

Told = Mapping[str, object]


class Place(Protocol):
    """A hosted room, as far as asides need it."""

    desk: Desk
    claims: Claims
    listeners: dict[Listener, None]


class Asides:
    """Belongs to the hub. What happens here is published on the bus, and done when it comes back from there."""

    def __init__(self, bus: Bus, clock: Clock, wire: Wire, telling: Telling, rooms: Mapping[RoomId, Place]) -> None:
        self._bus = bus
        self._clock = clock
        self._wire = wire
        self._telling = telling
        self._rooms = rooms
        self._public_at = 0.0

    # --- what happens -----------------------------------------------------------------------------------------------

    def come(self, room: RoomId, present: Present) -> None:
        self._publish(room, {"k": "here", **present.to_wire(), "thread": present.thread, "heard": present.heard})

    def draft(self, room: RoomId, draft: Draft) -> None:
        self._publish(room, {"k": "draft", **draft.to_wire(), "team": draft.team})

    def left(self, room: RoomId, listener: Listener) -> None:
        """Has left the desk of the room. The last of a team takes its drafts along, as far as this node keeps them."""
        place = self._rooms.get(room)
        if place is None or listener.team is None:
            return
        if place.desk.present(listener.conn) is not None:
            self._publish(room, {"k": "gone", "conn": listener.conn})
        if not any(other.team == listener.team and at_desk(other, room) for other in place.listeners):
            place.desk.disband(listener.team)

    def receive(self, hint: Hint) -> None:
        place, said = self._rooms.get(hint.room), hint.aside
        if place is None or said is None:
            return
        match said["k"]:
            case "here":
                place.desk.came(_present(said))
            case "gone":
                place.desk.went(said["conn"])
            case "draft":
                place.desk.drafted(_draft(said))
            case "claims":
                place.claims.note(said["x"])

    def applied(self, place: Place, lane: Lane, items: list[Item]) -> None:
        """What became public ends what was drafted for it."""
        if lane is not Lane.PUB:
            return
        for item in items:
            if item["k"] == "msg" and item.get("kind") == "reply":
                place.desk.published(item, self._clock.now_ms())
            elif item["k"] == "state" and item.get("state") == "closed":
                place.desk.clear_drafts()

    def _publish(self, room: RoomId, said: dict[str, Any]) -> None:
        self._bus.publish(Hint(room, Lane.DESK, "", 0, 0, [], aside=said))

    # --- what is told -----------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Everything that changed, at most twice a second; to the public at most once."""
        public = now - self._public_at >= PUBLIC_S
        if public:
            self._public_at = now
        for room, place in self._rooms.items():
            place.desk.expire(self._clock.now_ms())
            if place.desk.presence_changed:
                place.desk.presence_changed = False
                self._tell(room, place, _at(Lane.DESK, desk_frame(room, place.desk)))
            if public and place.desk.writing_changed:
                place.desk.writing_changed = False
                self._tell(room, place, _in_public(public_frame(room, place.desk)))
            for draft in place.desk.untold():
                others = (one for one in place.listeners if one.team == draft.team and one.conn != draft.conn)
                self._telling.tell(room, others, _for_team(draft.team, draft_frame(room, draft)), owed=True)
            if untold := place.claims.untold():
                self._tell(room, place, _at(Lane.MOD, claims_frame(room, untold)))

    def greet(self, room: RoomId, listener: Listener, *, empty: bool = False) -> None:
        """How things stand, to one who has just come in; `empty`: also that there is nothing, to one told otherwise."""
        place, views = self._rooms.get(room), listener.rooms.get(room)
        if place is None or views is None:
            return
        audience = Audience(tuple(view.fanout.feed.lane for view in views), listener.team)
        for frame in self._standing(room, place, audience, empty):
            listener.sink.write(self._wire.message(listener.codec, frame))

    def _standing(self, room: RoomId, place: Place, audience: Audience, empty: bool) -> Iterator[Told]:
        if Lane.DESK in audience.lanes:
            if empty or place.desk.everybody():
                yield desk_frame(room, place.desk)
            budget = GREETING_CHARS
            for draft in place.desk.drafts(audience.team) if audience.team is not None else ():
                budget -= len(draft.body)
                if budget < 0:
                    break
                yield draft_frame(room, draft)
        elif Lane.PUB in audience.lanes and (empty or place.desk.writing()):
            yield public_frame(room, place.desk)
        if Lane.MOD in audience.lanes and (held := place.claims.held(self._clock.now_ms())):
            yield claims_frame(room, held)

    def _tell(self, room: RoomId, place: Place, frame: Callable[[Audience], Told | None]) -> None:
        self._telling.tell(room, list(place.listeners), frame, owed=True)


def at_desk(listener: Listener, room: RoomId) -> bool:
    return any(view.fanout.feed.lane is Lane.DESK for view in listener.rooms.get(room, ()))


def desk_frame(room: RoomId, desk: Desk) -> Told:
    return {"t": "presence", "r": room, "l": "desk", "x": desk.everybody()}


def public_frame(room: RoomId, desk: Desk) -> Told:
    return {"t": "presence", "r": room, "l": "pub", "x": desk.writing()}


def draft_frame(room: RoomId, draft: Draft) -> Told:
    return {"t": "draft", "r": room, **draft.to_wire()}


def claims_frame(room: RoomId, claims: list[Mapping[str, Any]]) -> Told:
    return {"t": "claims", "r": room, "x": claims}


def _at(lane: Lane, frame: Told) -> Callable[[Audience], Told | None]:
    return lambda audience: frame if lane in audience.lanes else None


def _in_public(frame: Told) -> Callable[[Audience], Told | None]:
    """Whoever is at the desk sees the whole of it there."""
    return lambda audience: frame if Lane.PUB in audience.lanes and Lane.DESK not in audience.lanes else None


def _for_team(team: str, frame: Told) -> Callable[[Audience], Told | None]:
    return lambda audience: frame if Lane.DESK in audience.lanes and audience.team == team else None


def _present(said: Mapping[str, Any]) -> Present:
    return Present(
        said["conn"],
        said["name"],
        said["dept"],
        said["post"],
        said["thread"],
        Doing(said["doing"]),
        said["since"],
        said["heard"],
    )


def _draft(said: Mapping[str, Any]) -> Draft:
    by = said["by"]
    post = PostId(said["post"])
    return Draft(post, said["team"], said["conn"], by["name"], by.get("dept"), said["body"], said["ver"], said["at"])
