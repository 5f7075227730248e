"""The moderators' side: pull under a lease, decide on one version, look at the queue, sanction."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from typing import Any

from kernel.clock import Clock
from kernel.ids import IdSource, PostId, RoomId, UserId
from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal
from moderation.appeals import AppealDesk, Appeals
from moderation.asking import Asking
from moderation.claims import ClaimTeller
from moderation.commands import (
    Acknowledge,
    Decide,
    Extend,
    Held,
    LiftSanction,
    Mask,
    Pull,
    Pulled,
    Release,
    Reopen,
    Ruling,
    Sanction,
    Sanctioned,
    WaitingPost,
)
from moderation.evidence import Evidence
from moderation.groups import Groups
from moderation.inputs import RULES, check_version, expect, note_of, reason_of
from moderation.neighbours import SHARED_ADDRESS, BySource
from moderation.proposals import Proposals
from moderation.shifts import Shifts
from rooms.commands import PostReceipt
from rooms.ports import Bus
from rooms.sanctions import EVERYWHERE_ONLY, LONGEST_MS, SanctionKind, Via

PULL_MAX = 50
QUEUE_MAX = 200
LEASE_MS = 30_000
# Who refused may take it back for so long; afterwards it is an appeal, and somebody else's.
REOPEN_MS = 86_400_000
QUEUE_STATES = frozenset({None, "waiting", "leased", "decided", "published", "rejected"})


class Review:
    """The moderators' side: pull under a lease, decide on one version, sanction."""

    def __init__(
        self,
        store: AppealDesk,
        clock: Clock,
        ids: IdSource,
        *,
        lease_ms: int = LEASE_MS,
        bus: Bus | None = None,
        shared_address: int = SHARED_ADDRESS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._lease_ms = lease_ms
        self._claims = ClaimTeller(bus)
        self.appeals = Appeals(store, clock, ids)
        self.asking = Asking(store, clock, ids)
        self.evidence = Evidence(store, clock)
        self.proposals = Proposals(store, clock)
        self.shifts = Shifts(store, clock)
        self.by_source = BySource(store, clock, shared_address)
        self.groups = Groups(store, clock, self._claims, lease_ms)

    async def pull(
        self,
        actor: Actor,
        room: RoomId | None,
        n: int,
        post: PostId | None = None,
        *,
        take_over: bool = False,
    ) -> tuple[WaitingPost, ...]:
        """Leases up to `n` waiting posts to the caller, most urgent first; or `post` alone, if nobody holds it.

        `take_over`: that post also from a colleague, who is told.
        """
        require(actor, Action.REVIEW)
        if not 1 <= n <= PULL_MAX:
            raise Refusal("bad_frame", field="n")
        if take_over and post is None:
            raise Refusal("bad_frame", field="post")
        await self._known(room)
        pulled = await self._store.commit(
            Pull(
                room=room,
                n=n,
                by=actor,
                lease_ms=self._lease_ms,
                at=self._clock.now_ms(),
                post=post,
                take_over=take_over,
            )
        )
        return self._taken(actor, expect(Pulled, pulled))

    async def extend(self, actor: Actor, post: PostId, ver: int) -> int:
        """The new end of the caller's lease."""
        require(actor, Action.REVIEW)
        check_version(ver)
        held = await self._store.commit(
            Extend(post=post, ver=ver, by=actor, lease_ms=self._lease_ms, at=self._clock.now_ms())
        )
        until = expect(Held, held).lease_until
        await self._tell(actor, post, until)
        return until

    async def release(self, actor: Actor, post: PostId, ver: int) -> None:
        require(actor, Action.REVIEW)
        check_version(ver)
        await self._store.commit(Release(post=post, ver=ver, by=actor, at=self._clock.now_ms()))
        await self._tell(actor, post, 0)

    async def decide(
        self,
        actor: Actor,
        post: PostId,
        ver: int,
        ruling: Ruling,
        reason: str | int | None = None,
        note: str | None = None,
    ) -> PostReceipt:
        """The ruling on that version. `reason`: a code or the number of a rule; `note`: for the author."""
        require(actor, Action.REVIEW)
        check_version(ver)
        command = Decide(
            post=post,
            ver=ver,
            ruling=ruling,
            reason=reason_of(reason),
            note=note_of(note, "note"),
            by=actor,
            at=self._clock.now_ms(),
        )
        receipt = expect(PostReceipt, await self._store.commit(command))
        self._claims.tell(actor, [(receipt.room, receipt.post, 0)])
        return receipt

    async def mask(
        self, actor: Actor, post: PostId, ver: int, spans: Sequence[tuple[int, int]], note: str | None = None
    ) -> PostReceipt:
        """Publishes that version with these stretches of it covered."""
        require(actor, Action.REVIEW)
        check_version(ver)
        command = Mask(
            post=post,
            ver=ver,
            spans=tuple(spans),
            note=note_of(note, "note"),
            by=actor,
            salt=secrets.token_bytes(16),
            at=self._clock.now_ms(),
        )
        receipt = expect(PostReceipt, await self._store.commit(command))
        self._claims.tell(actor, [(receipt.room, receipt.post, 0)])
        return receipt

    async def reopen(self, actor: Actor, post: PostId, ver: int) -> tuple[WaitingPost, ...]:
        """Takes the caller's rejection of that version back; the post, leased to the caller as its next version."""
        require(actor, Action.REVIEW)
        check_version(ver)
        command = Reopen(
            post=post,
            ver=ver,
            by=actor,
            lease_ms=self._lease_ms,
            within_ms=REOPEN_MS,
            salt=secrets.token_bytes(16),
            at=self._clock.now_ms(),
        )
        return self._taken(actor, expect(Pulled, await self._store.commit(command)))

    async def queue(
        self, actor: Actor, room: RoomId | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[WaitingPost], str | None]:
        """The queue without taking anything from it."""
        require(actor, Action.REVIEW)
        if state not in QUEUE_STATES:
            raise Refusal("bad_request", field="state")
        if not 1 <= limit <= QUEUE_MAX:
            raise Refusal("bad_request", field="limit")
        await self._known(room)
        return await self._store.queue(room, state, cursor, limit, self._clock.now_ms())

    async def history(self, actor: Actor, author: UserId, room: RoomId | None) -> dict[str, Any]:
        """What an author did so far, in one room or everywhere; an unknown author did nothing."""
        require(actor, Action.AUTHOR_READ)
        if not 1 <= len(author) <= 40:
            raise Refusal("bad_request", field="author")
        await self._known(room)
        return await self._store.author_history(author, room)

    async def sanction(
        self,
        actor: Actor,
        user: UserId,
        room: RoomId | None,
        until: int,
        reason: str,
        rule: int | None,
        kind: SanctionKind = SanctionKind.MUTE,
        via: Via = Via.ACCOUNT,
        others: int | None = None,
    ) -> int:
        """One step of the ladder, in a room or everywhere; answers the time it ends. `reason` is told to the person.

        `via` and `others` as in `BySource.aim`: then it stops every guest who writes from there.
        """
        require(actor, Action.SANCTION_SET)
        now = self._clock.now_ms()
        if not now < until <= now + LONGEST_MS[kind]:
            raise Refusal("bad_request", field="until")
        # Who is muted may have been so without a rule, once; whatever is graver cites one.
        if rule not in RULES and not (rule is None and kind is SanctionKind.MUTE):
            raise Refusal("bad_request", field="rule")
        if room is not None and kind in EVERYWHERE_ONLY:
            raise Refusal("bad_request", field="room")
        if not 1 <= len(user) <= 40:
            raise Refusal("bad_request", field="user")
        text = note_of(reason, "reason")
        if text is None:
            raise Refusal("bad_request", field="reason")
        await self._known(room)
        source = await self.by_source.aim(user, via, kind, until - now, others)
        sanctioned = await self._store.commit(
            Sanction(
                id=self._ids(),
                user=user,
                room=room,
                until=until,
                reason=text,
                rule=rule,
                by=actor,
                at=now,
                kind=kind,
                via=via,
                source=source,
            )
        )
        return expect(Sanctioned, sanctioned).until

    async def acknowledge(self, actor: Actor, sanction: str) -> int:
        """Whom it is for has read it; answers the time it ends."""
        require(actor, Action.APPEAL_MAKE, author=actor.id)
        found = await self._store.sanction_place(sanction)
        if found is None:
            raise Refusal("no_appeal")
        command = Acknowledge(sanction=sanction, room=found.room, by=actor, at=self._clock.now_ms())
        return expect(Sanctioned, await self._store.commit(command)).until

    async def unmute(self, actor: Actor, user: UserId, room: RoomId | None) -> None:
        require(actor, Action.SANCTION_SET)
        await self._known(room)
        await self._store.commit(LiftSanction(user=user, room=room, by=actor, at=self._clock.now_ms()))

    def _taken(self, actor: Actor, pulled: Pulled) -> tuple[WaitingPost, ...]:
        self._claims.tell(actor, [(taken.room, taken.post, taken.lease_until) for taken in pulled.posts])
        return pulled.posts

    async def _tell(self, actor: Actor, post: PostId, until: int) -> None:
        """The store has done it: that colleagues cannot be told must not look like a failure."""
        with contextlib.suppress(Refusal):
            room = await self._store.post_room(post)
            if room is not None:
                self._claims.tell(actor, [(room, post, until)])

    async def _known(self, room: RoomId | None) -> None:
        if room is not None and await self._store.room(room) is None:
            raise Refusal("no_room")
