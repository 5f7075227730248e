"""One room as the simulated crowd lives in it: each act does one thing and says when it is due again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

from kernel.ids import PostId, RoomId, UserId
from kernel.permissions import Actor, Role
from moderation.commands import Ruling, WaitingPost
from rooms.model import PostKind
from wenzheng.crowd_bank import Bank, Topic

if TYPE_CHECKING:
    from wenzheng.crowd import Tools

# The crowd asks no more while so many of its posts wait: a person who looks away comes back to a queue, not a flood.
WAITING_MAX = 15
_THREADS = 20
_LISTENERS = 400
# A department has read the question for so long before it answers.
_READING_MS = 30_000
_PULL = 3


class Scene:
    """`over` once the room is no longer live: whatever is still due then does nothing and never comes back."""

    def __init__(self, tools: Tools, room: RoomId, bank: Bank, staff: Mapping[str, Actor], dice: random.Random) -> None:
        self.over = False
        self._tools = tools
        self._room = room
        self._bank = bank
        self._staff = {name: replace(actor, name=bank.names.get(name, actor.name)) for name, actor in staff.items()}
        self._random = dice
        self._people = [_netizen(f"{bank.language}{number:02}", name) for number, name in enumerate(bank.people)]
        self._unasked: list[Topic] = []
        self._number = count()
        self._pulled: list[WaitingPost] = []
        self._followed: set[PostId] = set()

    async def ask(self) -> float | None:
        """A question each 20 to 40 seconds, unless too many wait."""
        if self.over:
            return None
        if await self._waiting() >= WAITING_MAX:
            return 15.0
        if not self._unasked:
            self._unasked = list(self._bank.topics)
            self._random.shuffle(self._unasked)
        topic = self._unasked.pop()
        await self._post(self._random.choice(self._people), PostKind.QUESTION, topic.ask, None)
        return self._random.uniform(20, 40)

    async def follow_up(self) -> float | None:
        """Somebody asks back under an answer; once for each question."""
        if self.over:
            return None
        for thread in await self._threads():
            topic = self._topic_of(thread)
            post = PostId(thread["id"])
            if topic is None or not topic.follow or not thread["replies"] or post in self._followed:
                continue
            self._followed.add(post)
            await self._post(self._asker(thread), PostKind.COMMENT, topic.follow, post)
            break
        return self._random.uniform(45, 90)

    async def vote(self) -> float | None:
        """Somebody who only listens is for something, more often than against it; rather for what is new."""
        if self.over:
            return None
        threads = await self._threads()
        items = [item for thread in threads for item in (thread, *thread["replies"]) if _shown(item)]
        if items:
            post = items[min(int(self._random.expovariate(0.2)), len(items) - 1)]["id"]
            listener = _netizen(f"listener{self._random.randrange(_LISTENERS):04}", "")
            await self._tools.rooms.vote(listener, PostId(post), self._random.choices((1, -1), (6, 1))[0])
        return self._random.uniform(3, 8)

    async def answer(self) -> float | None:
        """A department answers the oldest of the crowd's questions that nobody has answered."""
        if self.over:
            return None
        ripe = self._tools.clock.now_ms() - _READING_MS
        for thread in reversed(await self._threads()):
            topic = self._topic_of(thread)
            if topic is None or not topic.answer or thread["replies"] or thread["at"] > ripe:
                continue
            respondent = self._staff.get(self._bank.staff[topic.dept])
            if respondent is not None:
                await self._post(respondent, PostKind.REPLY, topic.answer, PostId(thread["id"]))
                break
        return self._random.uniform(20, 45)

    async def moderate(self) -> float | None:
        """Decides what was pulled the last time, then pulls again: some seconds of reading, well within the lease."""
        moderator = self._staff.get("moderator2")
        if self.over or moderator is None:
            return None
        pulled, self._pulled = self._pulled, []
        for waiting in pulled:
            rule = next((reason.rule for reason in waiting.reasons if reason.rule is not None), None)
            note = None if rule is None else self._bank.notes.get(str(rule))
            ruling = Ruling.PUBLISH if rule is None else Ruling.REJECT
            await self._tools.review.decide(moderator, waiting.post, waiting.ver, ruling, rule, note)
        self._pulled = list(await self._tools.review.pull(moderator, self._room, _PULL))
        return self._random.uniform(4, 9)

    async def _post(self, actor: Actor, kind: PostKind, body: str, reply_to: PostId | None) -> None:
        cid = f"crowd-{self._tools.clock.now_ms()}-{next(self._number)}"
        await self._tools.posting.submit(actor, self._room, cid=cid, kind=kind, body=body, reply_to=reply_to)

    async def _waiting(self) -> int:
        """How many of the crowd's posts wait; counted no further than matters."""
        ours = {person.id for person in self._people}
        now = self._tools.clock.now_ms()
        queue, _ = await self._tools.store.queue(self._room, None, None, 100, now)
        return sum(waiting.author.id in ours for waiting in queue)

    async def _threads(self) -> list[dict[str, Any]]:
        threads, _ = await self._tools.store.questions(self._room, None, _THREADS)
        return [thread for thread in threads if _shown(thread)]

    def _topic_of(self, thread: Mapping[str, Any]) -> Topic | None:
        """The crowd answers itself only: a canned answer to a real question would miss its point."""
        return self._bank.topic(thread["body"]) if thread["by"]["name"] in self._bank.people else None

    def _asker(self, thread: Mapping[str, Any]) -> Actor:
        return next(person for person in self._people if person.name == thread["by"]["name"])


def _shown(item: Mapping[str, Any]) -> bool:
    return not item.get("redacted")


def _netizen(tail: str, name: str) -> Actor:
    """A guest by an id of a time long past, which no real guest has."""
    return Actor(UserId("g:" + tail.rjust(26, "0")), name, Role.NETIZEN, guest=True)
