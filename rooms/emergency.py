"""What an emergency closes in a room, for how long, and how the room stands while it lasts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rooms.model import Room


@dataclass(frozen=True, slots=True)
class Emergency:
    """`hold`: nothing new is public before a moderator has seen it, staff's answers neither. `verified`: guests wait.

    `until` ends these and a freeze by itself, milliseconds; None: until somebody does.
    """

    hold: bool = False
    verified: bool = False
    until: int | None = None

    def to_wire(self) -> dict[str, object]:
        return {"hold": self.hold, "verified": self.verified, "until": self.until}


CALM = Emergency()


def as_it_stands(room: Room, now: int) -> Room:
    """The room by whose rules a post is decided now: an emergency closes more, one that has run out nothing."""
    told = room.emergency
    if told == CALM:
        return room
    if told.until is not None and told.until <= now:
        return replace(room, frozen=False, emergency=CALM)
    policy = room.policy
    if told.hold:
        policy = policy.all_held()
    if told.verified:
        policy = replace(policy, guests=False)
    return replace(room, policy=policy)


def over(room: Room, now: int) -> bool:
    """Whether an emergency has run out and nobody has said so yet."""
    return room.emergency.until is not None and room.emergency.until <= now
