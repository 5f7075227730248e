"""Sealed evidence, opened: to read it is an act with a reason, and is recorded before it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from kernel.clock import Clock
from kernel.ids import PostId, RoomId
from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal
from moderation.evidence_commands import KeepSeal, OpenSeal, SealKept, SealOpened
from moderation.inputs import check_version, expect, note_of
from moderation.ports import ModerationStore

LISTED_MAX = 200
REASON_MAX = 200
# Where a reader of the chains stands: time, room and number of the last entry it saw.
SealPlace = tuple[int, RoomId, int]


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a look over the chains found: entries, texts erased since, and each fault in words."""

    rooms: int
    entries: int
    erased: int
    faults: tuple[str, ...]


class EvidenceStore(Protocol):
    async def seals(
        self, room: RoomId | None, cursor: str | None, limit: int, post: PostId | None = None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """`{room, n, post, ver, why, by, by_name, reason, at, chain}`, newest first: who sealed and who opened.

        Never a text.
        """
        ...

    async def check_seals(self) -> ChainReport: ...


class EvidenceDesk(ModerationStore, EvidenceStore, Protocol):
    """What evidence stands on."""


class Evidence:
    def __init__(self, store: EvidenceDesk, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def open(self, actor: Actor, post: PostId, ver: int, reason: str | None) -> SealOpened:
        """The sealed text of that version. That it was read, by whom and why, is durable before it is answered."""
        require(actor, Action.EVIDENCE_OPEN)
        check_version(ver)
        command = OpenSeal(post=post, ver=ver, reason=_why(reason), by=actor, at=self._clock.now_ms())
        return expect(SealOpened, await self._store.commit(command))

    async def keep(self, actor: Actor, post: PostId, ver: int, reason: str | None, *, on: bool) -> SealKept:
        """Has a sealed text outlive its time while a dispute goes on, or no longer; who and why stands in the chain."""
        require(actor, Action.EVIDENCE_KEEP)
        check_version(ver)
        command = KeepSeal(post=post, ver=ver, on=on, reason=_why(reason), by=actor, at=self._clock.now_ms())
        return expect(SealKept, await self._store.commit(command))

    async def log(
        self, actor: Actor, room: RoomId | None, cursor: str | None, limit: int, post: PostId | None = None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """The chain as auditors read it, or what became of one post."""
        require(actor, Action.EVIDENCE_AUDIT)
        if not 1 <= limit <= LISTED_MAX:
            raise Refusal("bad_request", field="limit")
        if room is not None and await self._store.room(room) is None:
            raise Refusal("no_room")
        return await self._store.seals(room, cursor, limit, post)


def _why(reason: str | None) -> str:
    why = note_of(reason, "reason")
    if why is None:
        raise Refusal("bad_request", field="reason")
    if len(why) > REASON_MAX:
        raise Refusal("too_large", field="reason")
    return why
