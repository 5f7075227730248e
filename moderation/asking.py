"""问后台: what moderators ask the desk about a post before them, and what was answered."""

from __future__ import annotations

import secrets
from typing import Any, Final, Protocol

from kernel.clock import Clock
from kernel.ids import IdSource, PostId, RoomId
from kernel.permissions import Action, Actor, require, require_somewhere
from kernel.refusals import Refusal
from moderation.inputs import author_of, body_of, check_cid, expect
from moderation.ports import Commits
from rooms.commands import PostReceipt, SubmitPost
from rooms.model import PostKind, PostState

# Of one post; older ones stay backstage.
ASKED_MAX: Final = 20
ANSWERS_MAX: Final = 100


class AskingStore(Commits, Protocol):
    async def post_room(self, post: PostId) -> RoomId | None: ...

    async def asked(self, post: PostId) -> list[dict[str, Any]]:
        """What moderators asked about a post, the oldest first, at most the `ASKED_MAX` newest, without what is hidden:

        `{note, by{name, role, dept?}, body, at, answers: [the same without answers]}`, at most `ANSWERS_MAX` answers.
        """
        ...


class Asking:
    """A note of a moderator's that points to a post; departments and host answer it as they answer each other."""

    def __init__(self, store: AskingStore, clock: Clock, ids: IdSource) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def ask(self, actor: Actor, post: PostId, cid: str, body: str) -> PostReceipt:
        """The note, once it is stored; the same `cid` again: the same note. `no_post`: nothing to ask about."""
        require_somewhere(actor, Action.POST_ASK)
        author = author_of(actor)
        check_cid(cid)
        text = body_of(actor, body)
        room = await self._store.post_room(post)
        if room is None:
            raise Refusal("no_post")
        command = SubmitPost(
            id=PostId(self._ids()),
            room=room,
            author=author,
            guest=False,
            cid=cid,
            kind=PostKind.NOTE,
            body=text,
            reply_to=post,
            judged=PostState.PUBLISHED,
            reasons=(),
            salt=secrets.token_bytes(16),
            at=self._clock.now_ms(),
        )
        return expect(PostReceipt, await self._store.commit(command))

    async def asked(self, actor: Actor, post: PostId) -> list[dict[str, Any]]:
        require(actor, Action.POST_ASK)
        if await self._store.post_room(post) is None:
            raise Refusal("no_post")
        return await self._store.asked(post)
