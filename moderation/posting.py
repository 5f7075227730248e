"""The way in: who may post, what it says, what the phases find, then one commit."""

from __future__ import annotations

import secrets
from collections import Counter

from kernel.allowances import Taken
from kernel.clock import Clock
from kernel.ids import IdSource, PostId, RoomId, UserId
from kernel.permissions import Action, Actor, Role, require, require_somewhere
from kernel.refusals import Refusal
from moderation.commands import Command
from moderation.drafts import Context, Draft
from moderation.inputs import author_of, body_of, check_cid, check_version, expect
from moderation.judges import NO_JUDGES, Judges
from moderation.pace import Pace
from moderation.pipeline import Pipeline
from moderation.reports import ReportDesk, Reports
from moderation.sightings import Sightings
from moderation.verdicts import ADMITTED, Verdict
from rooms.commands import PostReceipt, RevisePost, SubmitPost, WithdrawPost
from rooms.model import PostKind, Room, StaffReview, Trust
from rooms.proposals import HIDING_MS

_ACTIONS = {
    PostKind.QUESTION: Action.POST_QUESTION,
    PostKind.COMMENT: Action.POST_COMMENT,
    PostKind.REPLY: Action.POST_REPLY,
    PostKind.NOTICE: Action.POST_NOTICE,
    PostKind.NOTE: Action.POST_NOTE,
}


class Posting:
    """The way in: who may, what it says, what the phases find, then one commit."""

    def __init__(
        self,
        store: ReportDesk,
        clock: Clock,
        ids: IdSource,
        pipeline: Pipeline,
        pace: Pace,
        judges: Judges = NO_JUDGES,
        *,
        hiding_ms: int = HIDING_MS,
        sightings: Sightings | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._pipeline = pipeline
        self._pace = pace
        self.reports = Reports(store, clock, pace, hiding_ms)
        self._judges = judges
        self._sightings = sightings
        self._under_way: Counter[tuple[RoomId, UserId, str]] = Counter()

    async def submit(
        self,
        actor: Actor,
        room: RoomId,
        *,
        cid: str,
        kind: PostKind,
        body: str,
        reply_to: PostId | None = None,
    ) -> PostReceipt:
        """Where the post stands, after the commit; the same `cid` again: the same post, where it stands now."""
        author = author_of(actor)
        require_somewhere(actor, _ACTIONS[kind])
        check_cid(cid)
        text = body_of(actor, body)
        found, recent, trust = await self._surroundings(actor, author.id, room, kind)
        require(actor, _ACTIONS[kind], parties=found.parties)
        charged = await self._charge(actor, room, cid)
        sent = (room, author.id, cid)
        self._under_way[sent] += 1
        try:
            verdict = await self._judge(actor, found, kind, text, trust, recent)
            receipt = await self._commit(
                SubmitPost(
                    id=PostId(self._ids()),
                    room=room,
                    author=author,
                    guest=actor.is_guest_in(room),
                    cid=cid,
                    kind=kind,
                    body=verdict.cover(text),
                    reply_to=reply_to,
                    judged=verdict.state,
                    reasons=verdict.reasons,
                    salt=secrets.token_bytes(16),
                    at=self._clock.now_ms(),
                    trust=trust,
                    sources=actor.sources,
                )
            )
        except Refusal:
            # Nothing was stored, or nobody knows; then the resend carries the same cid.
            if charged is not None:
                await self._pace.refund(charged)
            raise
        finally:
            self._under_way[sent] -= 1
            if not self._under_way[sent]:
                del self._under_way[sent]
        if receipt.repeated and charged is not None:
            await self._pace.refund(charged)
        if self._sightings is not None and actor.sources:
            self._sightings.note(actor)
        return receipt

    async def revise(self, actor: Actor, post: PostId, ver: int, body: str) -> PostReceipt:
        """A new text of one's own post. That it is one's own is decided in the transaction."""
        author = author_of(actor)
        require(actor, Action.POST_REVISE, author=author.id)
        check_version(ver)
        text = body_of(actor, body)
        found, _, trust = await self._surroundings(actor, author.id, await self._room_of(post), PostKind.QUESTION)
        charged = await self._pace.revise(found.id, author.id) if actor.role is Role.NETIZEN else None
        try:
            verdict = await self._judge(actor, found, None, text, trust)
            return await self._commit(
                RevisePost(
                    post=post,
                    ver=ver,
                    body=verdict.cover(text),
                    author=actor,
                    judged=verdict.state,
                    reasons=verdict.reasons,
                    salt=secrets.token_bytes(16),
                    at=self._clock.now_ms(),
                    trust=trust,
                )
            )
        except Refusal:
            if charged is not None:
                await self._pace.refund(charged)
            raise

    async def withdraw(self, actor: Actor, post: PostId) -> PostReceipt:
        """Takes one's own post back; whose it is is decided in the transaction."""
        require(actor, Action.POST_WITHDRAW, author=author_of(actor).id)
        return await self._commit(WithdrawPost(post=post, author=actor, at=self._clock.now_ms()))

    async def _charge(self, actor: Actor, room: RoomId, cid: str) -> Taken | None:
        """Takes from the allowance for a netizen's post; a resend of a known `cid` goes on without.

        Known is also one that is just being stored: of those sent together, one becomes a post.
        """
        if actor.role is not Role.NETIZEN or (room, actor.id, cid) in self._under_way:
            return None
        user = UserId(str(actor.id))
        try:
            return await self._pace.post(room, user)
        except Refusal:
            # Asked first, and then looked: of two sent together, the one that got the last is under way by now.
            if await self._store.receipt(room, user, cid) is None and (room, user, cid) not in self._under_way:
                raise
            return None

    async def _judge(
        self, actor: Actor, room: Room, kind: PostKind | None, body: str, trust: Trust, recent: tuple[str, ...] = ()
    ) -> Verdict:
        """Kind None: a revision, which is naturally like what stood there before."""
        if kind is PostKind.NOTE or (actor.is_staff and room.policy.staff is StaffReview.AUTO):
            return ADMITTED
        draft = Draft(author=actor, kind=kind or PostKind.COMMENT, body=body)
        context = Context(policy=room.policy, recent=recent, trust=trust, room=room.id)
        return await self._judges.ask(draft, context, self._pipeline.judge(draft, context))

    async def _surroundings(
        self, actor: Actor, user: UserId, room: RoomId, kind: PostKind
    ) -> tuple[Room, tuple[str, ...], Trust]:
        """Of staff nobody looks at what they wrote before."""
        if actor.is_staff:
            return await self._room(room), (), Trust.TRUSTED
        found, recent, trust = await self._store.surroundings(room, user, kind)
        if found is None:
            raise Refusal("no_room")
        return found, recent, trust

    async def _room(self, room: RoomId) -> Room:
        found = await self._store.room(room)
        if found is None:
            raise Refusal("no_room")
        return found

    async def _room_of(self, post: PostId) -> RoomId:
        room = await self._store.post_room(post)
        if room is None:
            raise Refusal("no_post")
        return room

    async def _commit(self, command: Command) -> PostReceipt:
        return expect(PostReceipt, await self._store.commit(command))
