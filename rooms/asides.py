"""What is told in a room and stored nowhere: who is at the desk, what they draft, what moderators hold.

It travels as hints do, between nodes and with no promise; each frame goes to its own lane only, drafts to one team.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from kernel.clock import Clock
from kernel.ids import RoomId
from rooms.aside_frames import Told, claims_frame, desk_frame, draft_frame, public_frame
from rooms.aside_words import draft_in, present_in, said_of, said_of_draft
from rooms.audience import Listener, Wire
from rooms.claims import Claims
from rooms.desk import Desk, Draft, Present
from rooms.health import Health, for_staff, health_frame
from rooms.introductions import Acquaintance, Introductions
from rooms.model import Lane
from rooms.ports import Bus, Hint, Item
from rooms.telling import Audience, Telling

PUBLIC_S: Final = 1.0
# A newcomer is handed the newest drafts up to so many characters: no more than its socket may hold unsent.
GREETING_CHARS: Final = 40_000


class Place(Protocol):
    """A hosted room, as far as asides need it."""

    desk: Desk
    claims: Claims
    known: Acquaintance
    listeners: dict[Listener, None]


class Asides:
    """Belongs to the hub. What happens here is published on the bus, and done when it comes back from there."""

    def __init__(
        self,
        node: str,
        bus: Bus,
        clock: Clock,
        wire: Wire,
        telling: Telling,
        rooms: Mapping[RoomId, Place],
        health: Callable[[], Health],
    ) -> None:
        self._node = node
        self._bus = bus
        self._clock = clock
        self._wire = wire
        self._telling = telling
        self._rooms = rooms
        self._introductions = Introductions(node, self._publish)
        self._health = health
        self._public_at = 0.0

    # --- what happens -----------------------------------------------------------------------------------------------

    def come(self, room: RoomId, present: Present) -> None:
        self._publish(room, Lane.DESK, {"k": "here", **said_of(present)})

    def draft(self, room: RoomId, draft: Draft) -> None:
        self._publish(room, Lane.DESK, said_of_draft(draft))

    def left(self, room: RoomId, listener: Listener) -> None:
        """Has left the desk of the room. The last of a team takes its drafts along, as far as this node keeps them."""
        place = self._rooms.get(room)
        if place is None or listener.team is None:
            return
        if place.desk.present(listener.conn) is not None:
            self._publish(room, Lane.DESK, {"k": "gone", "conn": listener.conn})
        _disband_if_left(room, place, listener.team)

    def missed(self) -> None:
        """Others may have said something that was not heard here, in any room."""
        for place in self._rooms.values():
            place.known.missed = True

    def lost(self, node: str) -> None:
        """That node is no more, and nobody is at a desk there."""
        for room, place in self._rooms.items():
            self._settle(room, place, node, [])

    def receive(self, hint: Hint) -> None:
        place, said = self._rooms.get(hint.room), hint.aside
        if place is None or said is None:
            return
        match said["k"]:
            case "here":
                place.desk.came(present_in(said, self._late(said)))
            case "gone":
                self._gone(hint.room, place, said["conn"])
            case "who":
                place.known.asked = True
            case "present" if said["node"] != self._node:
                late = self._late(said)
                self._settle(hint.room, place, said["node"], [present_in(one, late) for one in said["x"]])
            case "draft":
                place.desk.drafted(draft_in(said))
            case "claims":
                place.claims.note(said["x"])
            case "held":
                place.claims.learn(said["x"])

    def applied(self, place: Place, lane: Lane, items: list[Item]) -> None:
        """What became public ends what was drafted for it."""
        if lane is not Lane.PUB:
            return
        for item in items:
            if item["k"] == "msg" and item.get("kind") == "reply":
                place.desk.published(item, self._clock.now_ms())
            elif item["k"] == "state" and item.get("state") == "closed":
                place.desk.clear_drafts()

    def _gone(self, room: RoomId, place: Place, conn: str) -> None:
        present = place.desk.present(conn)
        place.desk.went(conn)
        if present is not None:
            _disband_if_left(room, place, present.team)

    def _settle(self, room: RoomId, place: Place, node: str, present: list[Present]) -> None:
        for team in place.desk.settle(node, present):
            _disband_if_left(room, place, team)

    def _late(self, said: Mapping[str, Any]) -> int:
        """By how much the clock here is ahead of the clock of who said it."""
        now = self._clock.now_ms()
        late: int = now - said.get("at", now)
        return late

    def _publish(self, room: RoomId, lane: Lane, said: dict[str, Any]) -> None:
        self._bus.publish(Hint(room, lane, "", 0, 0, [], aside={"at": self._clock.now_ms(), **said}))

    # --- what is told -----------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Everything that changed, at most twice a second; to the public at most once."""
        public = now - self._public_at >= PUBLIC_S
        if public:
            self._public_at = now
        for room, place in self._rooms.items():
            at = self._clock.now_ms()
            self._introductions.tick(now, room, place.known, place.desk, place.claims, at)
            place.desk.expire(at)
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
        health = self._health()
        if (empty or not health.well) and (frame := for_staff(health_frame(room, health))(audience)) is not None:
            yield frame

    def _tell(self, room: RoomId, place: Place, frame: Callable[[Audience], Told | None]) -> None:
        self._telling.tell(room, list(place.listeners), frame, owed=True)


def at_desk(listener: Listener, room: RoomId) -> bool:
    return any(view.fanout.feed.lane is Lane.DESK for view in listener.rooms.get(room, ()))


def _disband_if_left(room: RoomId, place: Place, team: str) -> None:
    """Whoever of a team is left, here or on another node, takes its drafts over; without any they end."""
    here = any(other.team == team and at_desk(other, room) for other in place.listeners)
    if not here and all(one.team != team for one in place.desk.everyone()):
        place.desk.disband(team)


def _at(lane: Lane, frame: Told) -> Callable[[Audience], Told | None]:
    return lambda audience: frame if lane in audience.lanes else None


def _in_public(frame: Told) -> Callable[[Audience], Told | None]:
    """Whoever is at the desk sees the whole of it there."""
    return lambda audience: frame if Lane.PUB in audience.lanes and Lane.DESK not in audience.lanes else None


def _for_team(team: str, frame: Told) -> Callable[[Audience], Told | None]:
    return lambda audience: frame if Lane.DESK in audience.lanes and audience.team == team else None
