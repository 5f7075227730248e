"""Answers that a second person must agree to hide: what waits, and how it is declined."""

from __future__ import annotations

from typing import Any, Final, Protocol

from kernel.clock import Clock
from kernel.ids import PostId, RoomId
from kernel.permissions import Action, Actor, permits, require
from kernel.refusals import Refusal
from moderation.inputs import expect, note_of
from moderation.ports import Commits
from moderation.proposal_commands import DeclineHiding, ProposalEnded
from rooms.model import Room
from rooms.proposals import ProposalState

LISTED_MAX: Final = 200
# Who asked for it, and what they were answered, is between those who may hide.
_NOT_AT_THE_DESK: Final = frozenset({"by", "decided"})


class ProposalStore(Protocol):
    async def proposals(
        self, room: RoomId | None, state: ProposalState, cursor: str | None, limit: int, now: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """`{post, ver, room, proposal, state, reason, by, at, until, kind, body, author, q, number?, decided}`.

        The newest proposal of each post. `open` ones oldest first, and only those still open at `now`; ended ones
        newest first. `ver` is the text it was about, `body` the one that stands, "" where it is hidden.
        """
        ...

    async def lapsed_proposals(self, now: int) -> list[PostId]:
        """Posts, at most 100, with a proposal that has ended by itself and that nobody has ended yet."""
        ...


class ProposalDesk(Commits, ProposalStore, Protocol):
    """What proposals stand on."""

    async def room(self, room: RoomId) -> Room | None: ...


class Proposals:
    def __init__(self, store: ProposalDesk, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def listed(
        self,
        actor: Actor,
        room: RoomId | None,
        state: ProposalState = ProposalState.OPEN,
        cursor: str | None = None,
        limit: int = LISTED_MAX,
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Everything for who may decide it; who reads a room's desk is told that, why and until when.

        `room` None: of all rooms, for the former only.
        """
        whole = permits(actor, Action.POST_REDACT)
        found = None if room is None else await self._store.room(room)
        if room is not None and found is None:
            raise Refusal("no_room")
        if not whole:
            require(actor, Action.LANE_DESK if found else Action.POST_REDACT, parties=found.parties if found else ())
        if not 1 <= limit <= LISTED_MAX:
            raise Refusal("bad_request", field="limit")
        items, after = await self._store.proposals(room, state, cursor, limit, self._clock.now_ms())
        if not whole:
            items = [{name: value for name, value in one.items() if name not in _NOT_AT_THE_DESK} for one in items]
        return items, after

    async def decline(self, actor: Actor, post: PostId, proposal: int | None, note: str | None) -> ProposalEnded:
        """The answer stays: declined by a second person, withdrawn by who proposed."""
        require(actor, Action.POST_REDACT)
        command = DeclineHiding(
            post=post, proposal=proposal, note=note_of(note, "note"), by=actor, at=self._clock.now_ms()
        )
        return expect(ProposalEnded, await self._store.commit(command))
