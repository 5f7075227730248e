"""What is thought of a netizen: derived from what became of their posts, unless a moderator said otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

from kernel.clock import Clock
from kernel.ids import RoomId, UserId
from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal
from kernel.text import clean_text, is_blank
from rooms.model import Trust

REASON_MAX: Final = 200
# Of the newest posts only: who wrote badly years ago may be known again.
LOOKED_AT: Final = 100
KNOWN_FROM: Final = 3
TRUSTED_FROM: Final = 20
CHANGES_MAX: Final = 50
# What a change of policy is measured by.
STAKES_POSTS: Final = 100
STAKES_AUTHORS: Final = 50


@dataclass(frozen=True, slots=True)
class Said:
    """A moderator's word on a person, in force until another one."""

    level: Trust
    reason: str
    by: UserId
    by_name: str
    at: int

    def to_wire(self) -> dict[str, object]:
        by = {"id": self.by, "name": self.by_name}
        return {"level": self.level.value, "reason": self.reason, "by": by, "at": self.at}


@dataclass(frozen=True, slots=True)
class Standing:
    """`derived` is what the posts say; `said` is a moderator's word, which stands above it."""

    derived: Trust
    said: Said | None

    @property
    def level(self) -> Trust:
        return self.derived if self.said is None else self.said.level

    def to_wire(self) -> dict[str, object]:
        said = None if self.said is None else self.said.to_wire()
        return {"level": self.level.value, "derived": self.derived.value, "said": said}


def derive(published: int, refused: int, *, guest: bool) -> Trust:
    """From the newest `LOOKED_AT` posts, `refused` counting the hidden too. A guest can be anybody: known at most."""
    if published >= TRUSTED_FROM and refused == 0 and not guest:
        return Trust.TRUSTED
    if published >= KNOWN_FROM and refused * 10 <= published:
        return Trust.KNOWN
    return Trust.NEW


class TrustStore(Protocol):
    async def standing(self, user: UserId) -> Standing: ...

    async def say_trust(self, user: UserId, said: Said | None, by: Actor, reason: str, at: int) -> None:
        """Replaces what was said, or takes it back (None), with its entry in the audit: old and new."""
        ...

    async def policy_changes(self, room: RoomId, limit: int) -> list[dict[str, Any]]:
        """Of one room, newest first: `{at, by{id, name}, to{policy?, freeze?}, was{…}, why}`."""
        ...

    async def room_maker(self, room: RoomId) -> str:
        """The name of who made the room, and with it the policy as it was first; "" where nobody is known."""
        ...

    async def policy_stakes(self, room: RoomId) -> dict[str, Any]:
        """`{waiting, looked_at, held, refused, authors}`: how many wait; of the newest `STAKES_POSTS` posts of netizens

        there, how many only the room's own rule held, and how many of these were then refused; of the newest
        `STAKES_AUTHORS` who wrote them, how many are `watched`, `new`, `known` and `trusted`.
        """
        ...


class TrustKeeping:
    """The moderators' word on a person, and what holds posts in a room."""

    def __init__(self, store: TrustStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def standing(self, actor: Actor, user: UserId) -> Standing:
        require(actor, Action.AUTHOR_READ)
        return await self._store.standing(user)

    async def say(self, actor: Actor, user: UserId, level: Trust | None, reason: str) -> Standing:
        """From the next post on, at every node: it is read with each post. None: the posts speak again."""
        require(actor, Action.TRUST_SET)
        why = clean_text(reason).strip()
        if is_blank(why) or len(why) > REASON_MAX:
            raise Refusal("bad_request", field="reason")
        if actor.id is None:
            raise Refusal("unauthenticated")
        at = self._clock.now_ms()
        said = None if level is None else Said(level, why, actor.id, actor.name, at)
        await self._store.say_trust(user, said, actor, why, at)
        return await self._store.standing(user)

    async def policy_changes(self, actor: Actor, room: RoomId) -> list[dict[str, Any]]:
        require(actor, Action.POLICY_READ)
        return await self._store.policy_changes(room, CHANGES_MAX)

    async def room_maker(self, actor: Actor, room: RoomId) -> str:
        require(actor, Action.POLICY_READ)
        return await self._store.room_maker(room)

    async def policy_stakes(self, actor: Actor, room: RoomId) -> dict[str, Any]:
        """What a looser policy would let through, in numbers of what was just written there."""
        require(actor, Action.POLICY_READ)
        return await self._store.policy_stakes(room)
