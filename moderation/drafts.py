"""What the phases judge: a draft in its surroundings, and the shape of a phase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kernel.ids import RoomId
from kernel.permissions import Actor
from moderation.verdicts import Verdict
from rooms.model import Policy, PostKind, Trust


@dataclass(frozen=True, slots=True)
class Draft:
    """A cleaned text on its way in."""

    author: Actor
    kind: PostKind
    body: str


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a draft; read before the phases run, so that they decide without I/O."""

    policy: Policy
    recent: tuple[str, ...] = ()  # the author's newest bodies of this kind in the room, newest first
    trust: Trust = Trust.NEW
    room: RoomId | None = None  # None: a tool tries a text that is in no room


Judge = Callable[[Draft, Context], Verdict | None]


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of the way in; `name` is the contract's word for it. Nothing found: None."""

    name: str
    judge: Judge
