"""What every check stands on: one codec, one room of the run's own, and the steps most of them begin with."""

from __future__ import annotations

import itertools
import secrets
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from wenzheng.conformance.people import POSTS_AT_ONCE, Member, People, guest
from wenzheng.conformance.target import Api, Target
from wenzheng.conformance.verdict import Frame, Refused, equal
from wenzheng.conformance.wire import Wire, opened


@dataclass(slots=True)
class Stage:
    """One for each codec of a run."""

    target: Target
    codec: str
    people: People
    room: str
    _guest: Member | None = None
    _posts_left: int = 0
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _mark: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def anonymous(self) -> Api:
        return Api(self.target)

    def open(self, member: Member | None = None, *, greet: bool = True) -> AbstractAsyncContextManager[Wire]:
        return opened(self.target, self.codec, token=member.token if member else None, greet=greet)

    def fresh(self, what: str = "") -> str:
        """A text nobody has said before, to be looked for; also good as a `cid`."""
        return f"{what}{self._mark}-{next(self._numbers)}"

    async def netizen(self, posts: int = 1) -> Member:
        """A guest who may still post so often without being asked to slow down."""
        if self._guest is None or self._posts_left < posts:
            self._guest, self._posts_left = await guest(self.target), POSTS_AT_ONCE
        self._posts_left -= posts
        return self._guest

    async def notice(self, body: str | None = None) -> Frame:
        """A word of the department's, public at once: `{post, state, seq}`."""
        said: Frame = await self.people.respondent.api.post(
            f"/rooms/{self.room}/posts", {"cid": self.fresh(), "kind": "notice", "body": body or self.fresh("公告")}
        )
        equal(said.get("state"), "published", "the state of a department's notice")
        return said

    async def asked(self, body: str | None = None) -> Frame:
        """A netizen's question, not yet decided."""
        by = await self.netizen()
        said: Frame = await by.api.post(
            f"/rooms/{self.room}/posts", {"cid": self.fresh(), "kind": "question", "body": body or self.fresh("请问")}
        )
        equal(said.get("state"), "pending", "the state of a netizen's question before a moderator's verdict")
        return said

    async def pulled(self, moderator: Wire, post: str) -> Frame:
        """The waiting post, leased to this moderator."""
        answered = await moderator.ask("mod.pull", room=self.room, post=post, n=1)
        equal([one["post"] for one in answered["posts"]], [post], "the posts pulled by name")
        return dict(answered["posts"][0])

    async def head(self) -> Frame:
        """Where the public lane stands: `{ep, seq}`."""
        read = await self.anonymous.get(f"/rooms/{self.room}/events?lane=pub&after=0&limit=1")
        return {"ep": read["epoch"], "seq": read["head"]}


async def set_up(target: Target, codec: str, people: People) -> Stage:
    """A room on air with the respondent's department in it."""
    asked = {"title": f"符合性检查 {codec}", "departments": [people.respondent.department], "open": True}
    room = await people.host.api.post("/rooms", asked)
    return Stage(target, codec, people, room["id"])


async def take_down(stage: Stage) -> None:
    """The room is closed, whatever became of the checks."""
    try:
        await stage.people.host.api.post(f"/rooms/{stage.room}/close")
    except Refused as refused:
        if refused.code != "bad_state":
            raise
