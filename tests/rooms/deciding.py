"""A dialogue with the decisions: a world of one room, in memory, with nothing between a command and its outcome."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, DepartmentId, PostId, RoomId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import Command, Decide, Pull, Pulled, Ruling
from moderation.decide import decide
from rooms.commands import ChangeState, CreateRoom, PostReceipt, RevisePost, SubmitPost
from rooms.model import Author, Lane, Policy, Post, PostKind, PostState, RoomState
from rooms.working_set import Draft, WorkingSet, signed
from tests.factories import DEPARTMENTS, HOST, LEASE_MS, MODERATOR, guest


class World:
    """One room and its people. `do` decides a command; a refusal is checked to have left no trace."""

    def __init__(self, *, state: RoomState = RoomState.LIVE, **policy: Any) -> None:
        self.clock = FrozenClock()
        self.ids = CountingIds()
        self.ws = WorkingSet(self.clock.now_ms())
        self.ws.departments = {department.id: department for department in DEPARTMENTS}
        self.room = RoomId(self.ids())
        self.do(
            CreateRoom(
                self.room,
                "ABCDEF",
                "票价",
                "",
                (DepartmentId("price"), DepartmentId("metro")),
                DepartmentId("price"),
                None,
                False,
                replace(Policy(), **policy),
                signed(HOST),
                self.now,
            )
        )
        self.reach(state)

    @property
    def now(self) -> int:
        return self.clock.now_ms()

    def later(self, ms: int) -> None:
        self.clock.advance(ms)
        self.ws.now = self.now

    def do(self, command: Command) -> Any:
        before = copy.deepcopy(self.ws)
        try:
            return decide(self.ws, command)
        except Refusal:
            assert self.ws == before, "a refused command left a trace"
            raise

    def reach(self, state: RoomState) -> None:
        """Steers the scheduled room to `state` the way a host would."""
        way = {
            RoomState.SCHEDULED: (),
            RoomState.LIVE: ("open",),
            RoomState.PAUSED: ("open", "pause"),
            RoomState.CLOSED: ("open", "close"),
        }
        for verb in way[state]:
            self.do(ChangeState(self.room, verb, HOST, self.now))

    def submit(
        self,
        kind: PostKind = PostKind.QUESTION,
        *,
        by: Actor | None = None,
        body: str = "起步价为什么定三元？",
        cid: str | None = None,
        reply_to: PostId | None = None,
        judged: PostState = PostState.PUBLISHED,
    ) -> PostReceipt:
        author = by or guest()
        number = PostId(self.ids())
        command = SubmitPost(
            number,
            self.room,
            Author.of(author),
            author.is_guest_in(self.room),
            cid or number,
            kind,
            body,
            reply_to,
            judged,
            (),
            b"0123456789abcdef",
            self.now,
            sources=author.sources,
        )
        receipt: PostReceipt = self.do(command)
        return receipt

    def published(self, kind: PostKind = PostKind.QUESTION, **fields: Any) -> PostReceipt:
        """A post that everyone sees."""
        receipt = self.submit(kind, **fields)
        return receipt if receipt.state is PostState.PUBLISHED else self.ruling(receipt.post)

    def revise(self, post: PostId, body: str, *, ver: int = 1, by: Actor | None = None, **fields: Any) -> PostReceipt:
        judged = fields.get("judged", PostState.PUBLISHED)
        command = RevisePost(post, ver, body, by or guest(), judged, (), b"0123456789abcdef", self.now)
        receipt: PostReceipt = self.do(command)
        return receipt

    def pull(self, n: int = 10, by: Actor = MODERATOR) -> Pulled:
        pulled: Pulled = self.do(Pull(None, n, by, LEASE_MS, self.now))
        return pulled

    def ruling(
        self, post: PostId, ruling: Ruling = Ruling.PUBLISH, *, ver: int = 1, by: Actor = MODERATOR
    ) -> PostReceipt:
        """Leases what waits, then decides."""
        self.pull(by=by)
        return self.decide(post, ruling, ver=ver, by=by)

    def decide(
        self, post: PostId, ruling: Ruling = Ruling.PUBLISH, *, ver: int = 1, by: Actor = MODERATOR
    ) -> PostReceipt:
        receipt: PostReceipt = self.do(Decide(post, ver, ruling, None, None, by, self.now))
        return receipt

    def post(self, post: PostId) -> Post:
        return self.ws.posts[post]

    def lane(self, lane: Lane) -> list[Draft]:
        return [draft for draft in self.ws.drafts if draft.lane is lane]

    def told(self, lane: Lane) -> list[tuple[str, str | None]]:
        """What a lane says: kind of event, and the post concerned."""
        return [(draft.kind, draft.ref) for draft in self.lane(lane)]
