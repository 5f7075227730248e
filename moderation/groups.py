"""Several posts at once: those that say nearly the same, one verdict for many, many questions made one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kernel.clock import Clock
from kernel.ids import PostId
from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal
from moderation.alike import Alike, alike
from moderation.claims import ClaimTeller
from moderation.commands import Decide, Merge, Merged, Pull, Pulled, Release, Ruling
from moderation.inputs import check_version, expect, note_of, reason_of
from moderation.ports import ModerationStore
from rooms.commands import PostReceipt

AT_ONCE_MAX: Final = 50

Picked = Sequence[tuple[PostId, int]]


@dataclass(frozen=True, slots=True)
class One:
    """What became of one post of many: its receipt, or the code of its refusal."""

    post: PostId
    receipt: PostReceipt | None
    code: str | None = None


class Groups:
    """Each post is decided by its own compare-and-set, under a lease taken with it: none fails for another's sake."""

    def __init__(self, store: ModerationStore, clock: Clock, claims: ClaimTeller, lease_ms: int) -> None:
        self._store = store
        self._clock = clock
        self._claims = claims
        self._lease_ms = lease_ms

    async def alike(self, actor: Actor, post: PostId) -> list[Alike]:
        """Of the posts that wait in its room, and its public questions, those that say nearly the same.

        `no_post` unless it waits itself.
        """
        require(actor, Action.REVIEW)
        waiting = await self._store.waiting_beside(post, self._clock.now_ms())
        own = next((one for one in waiting if one.post == post and one.number is None), None)
        if own is None:
            raise Refusal("no_post")
        return alike(own.body, (one for one in waiting if one.post != post and one.kind is own.kind))

    async def decide(
        self, actor: Actor, posts: Picked, ruling: Ruling, reason: str | int | None = None, note: str | None = None
    ) -> list[One]:
        """One verdict for all, each with its own outcome."""
        require(actor, Action.REVIEW)
        checked, said = reason_of(reason), note_of(note, "note")
        _check(posts)

        async def one(post: PostId, ver: int) -> One:
            try:
                await self._take(actor, post, ver)
                command = Decide(post, ver, ruling, checked, said, actor, self._clock.now_ms())
                receipt = expect(PostReceipt, await self._store.commit(command))
            except Refusal as refusal:
                return One(post, None, refusal.code.name)
            self._claims.tell(actor, [(receipt.room, receipt.post, 0)])
            return One(post, receipt)

        return list(await asyncio.gather(*(one(post, ver) for post, ver in posts)))

    async def merge(self, actor: Actor, into: PostId, ver: int, posts: Picked) -> Merged:
        """Makes one question of `into`, published with this unless it is already, and of `posts`."""
        require(actor, Action.REVIEW)
        check_version(ver)
        _check(posts)
        if any(post == into for post, _ in posts):
            raise Refusal("bad_frame", field="posts")
        taking = [self._taken_if_free(actor, post, one) for post, one in [(into, ver), *posts]]
        await asyncio.gather(*taking)
        command = Merge(into, ver, tuple(posts), actor, self._clock.now_ms())
        merged = expect(Merged, await self._store.commit(command))
        gone = [into, *(post for post, code in merged.posts if code is None)]
        self._claims.tell(actor, [(merged.into.room, post, 0) for post in gone])
        return merged

    async def _take(self, actor: Actor, post: PostId, ver: int) -> None:
        """Leases it to the caller, who may have it already; a newer version than was read is given back."""
        command = Pull(None, 1, actor, self._lease_ms, self._clock.now_ms(), post=post)
        for taken in expect(Pulled, await self._store.commit(command)).posts:
            if taken.ver != ver:
                await self._store.commit(Release(post, taken.ver, actor, self._clock.now_ms()))
                raise Refusal("stale_version")

    async def _taken_if_free(self, actor: Actor, post: PostId, ver: int) -> None:
        """What cannot be taken has its refusal from the decision itself."""
        try:
            await self._take(actor, post, ver)
        except Refusal as refusal:
            if refusal.code.temporary:
                raise


def _check(posts: Picked) -> None:
    if not 1 <= len(posts) <= AT_ONCE_MAX or len({post for post, _ in posts}) < len(posts):
        raise Refusal("bad_frame", field="posts")
    for _, ver in posts:
        check_version(ver)
