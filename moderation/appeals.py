"""Appeals: an author asks once, somebody else than who decided answers; and refusals mended unasked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kernel.clock import Clock
from kernel.ids import IdSource, PostId, RoomId, SourceKey, UserId
from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal
from kernel.text import clean_text, is_blank
from moderation.appeal_commands import Appeal, AppealMade, DecideAppeal, Reinstate
from moderation.asking import AskingStore
from moderation.evidence import EvidenceStore
from moderation.inputs import NOTE_MAX, author_of, check_version, expect, note_of
from moderation.ports import ModerationStore
from moderation.proposals import ProposalStore
from moderation.sightings import SightingStore
from rooms.appeals import AppealState
from rooms.commands import PostReceipt

LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class AppealPlace:
    """What an appeal, or a sanction that may be appealed against, belongs to; it never changes."""

    post: PostId | None
    sanction: str | None
    room: RoomId | None


class AppealStore(Protocol):
    async def appeals(
        self, room: RoomId | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """`{appeal, of, state, room, body, text, by, at, newer, against, decided, post?, ver?, …}`, a page.

        `open` (or None) oldest first, `upheld` and `reversed` newest first. `body` is the refused text, "" of a hidden
        one; `newer`: the author has written another version since.
        """
        ...

    async def all_mine(self, user: UserId, limit: int, sources: Sequence[SourceKey] = ()) -> dict[str, Any]:
        """`{posts, sanctions, reports}` of one user in all rooms, newest first: posts as in `RoomStore.my`, and

        `room, title, room_state, answered, ruled_at?`; sanctions `{sanction, room, until, reason, rule, at, in_force,
        lifted_at, appeal, by?}`, those over and lifted too, and those on `sources` that stop the user.
        """
        ...

    async def appeal_place(self, appeal: str) -> AppealPlace | None: ...

    async def sanction_place(self, sanction: str) -> AppealPlace | None: ...


class AppealDesk(ModerationStore, AppealStore, AskingStore, EvidenceStore, ProposalStore, SightingStore, Protocol):
    """What appeals stand on, and all else of the moderators' side."""


class Appeals:
    def __init__(self, store: AppealDesk, clock: Clock, ids: IdSource) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def of_post(self, actor: Actor, post: PostId, text: str | None) -> AppealMade:
        """Against the refusal of the newest version of one's own post, or against its hiding."""
        return await self._make(actor, AppealPlace(post, None, await self._room_of(post)), text)

    async def of_sanction(self, actor: Actor, sanction: str, text: str | None) -> AppealMade:
        found = await self._store.sanction_place(sanction)
        if found is None:
            raise Refusal("no_appeal")
        return await self._make(actor, found, text)

    async def decide(self, actor: Actor, appeal: str, outcome: AppealState, note: str | None) -> AppealMade:
        """Upholds or reverses; who took the decision that is appealed against is refused (`own_ruling`)."""
        require(actor, Action.APPEAL_DECIDE)
        found = await self._store.appeal_place(appeal)
        if found is None:
            raise Refusal("no_appeal")
        command = DecideAppeal(
            id=appeal,
            post=found.post,
            sanction=found.sanction,
            room=found.room,
            outcome=outcome,
            note=note_of(note, "note"),
            salt=secrets.token_bytes(16),
            by=actor,
            at=self._clock.now_ms(),
        )
        return expect(AppealMade, await self._store.commit(command))

    async def reinstate(self, actor: Actor, post: PostId, ver: int, note: str | None) -> PostReceipt:
        """Publishes what was refused, one's own refusal or a colleague's, however long ago."""
        require(actor, Action.APPEAL_DECIDE)
        check_version(ver)
        command = Reinstate(
            post=post,
            ver=ver,
            note=note_of(note, "note"),
            salt=secrets.token_bytes(16),
            by=actor,
            at=self._clock.now_ms(),
        )
        return expect(PostReceipt, await self._store.commit(command))

    async def listed(
        self, actor: Actor, room: RoomId | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        require(actor, Action.APPEAL_DECIDE)
        if not 1 <= limit <= LISTED_MAX:
            raise Refusal("bad_request", field="limit")
        if room is not None and await self._store.room(room) is None:
            raise Refusal("no_room")
        return await self._store.appeals(room, state, cursor, limit)

    async def _make(self, actor: Actor, of: AppealPlace, text: str | None) -> AppealMade:
        require(actor, Action.APPEAL_MAKE, author=author_of(actor).id)
        command = Appeal(
            id=self._ids(),
            post=of.post,
            sanction=of.sanction,
            room=of.room,
            author=actor,
            text=_text_of(text),
            at=self._clock.now_ms(),
        )
        return expect(AppealMade, await self._store.commit(command))

    async def _room_of(self, post: PostId) -> RoomId:
        room = await self._store.post_room(post)
        if room is None:
            raise Refusal("no_post")
        return room


def _text_of(raw: str | None) -> str:
    text = clean_text(raw or "")
    if len(text) > NOTE_MAX:
        raise Refusal("too_large", field="text")
    return "" if is_blank(text) else text
