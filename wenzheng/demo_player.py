"""Plays a demo story (wenzheng/demo_story.py) through the same handlers as everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import singledispatchmethod

from kernel.clock import FrozenClock
from kernel.ids import PostId, RoomId, UserId
from kernel.permissions import Actor, Role
from moderation.commands import Ruling
from moderation.handlers import Posting, Review
from rooms.handlers import Rooms
from rooms.model import Room
from wenzheng.demo_story import Correct, Hide, Mark, Say, Step, Story, Turn, Votes

# As many votes as the store takes in one batch.
_VOTES_AT_ONCE = 64
_HOUR_MS = 3_600_000


class Player:
    """Plays one story on a clock of its own, which moves with the steps."""

    def __init__(
        self, rooms: Rooms, posting: Posting, review: Review, clock: FrozenClock, staff: Mapping[str, Actor]
    ) -> None:
        self._rooms = rooms
        self._posting = posting
        self._review = review
        self._clock = clock
        self._staff = staff
        self._guests: dict[str, Actor] = {}
        self._posts: dict[str, PostId] = {}
        self._versions: dict[str, int] = {}
        self._room = RoomId("")
        self._starts_at = 0

    async def play(self, story: Story, seeded_at: int) -> RoomId:
        self._starts_at = seeded_at + story.starts_ms
        if self._starts_at > seeded_at:
            # Announced times are full hours, in most places of the world.
            self._starts_at += -self._starts_at % _HOUR_MS
        room = await self._rooms.create(
            self._staff["host"],
            title=story.title,
            summary=story.summary,
            departments=list(story.departments),
            lead=story.departments[0],
            starts_at=self._starts_at,
        )
        self._room = room.id
        if [step.verb for step in story.steps if isinstance(step, Turn)] == ["open"]:
            await self._seat(room)
        for step in story.steps:
            await self._take(step)
        return room.id

    async def _seat(self, room: Room) -> None:
        """Each department is invited, and everybody it has takes a seat.

        Only where the room is live: an invitation of a story long past has run out by the store's own clock.
        """
        for department in room.departments:
            code, _ = await self._rooms.invite(self._staff["host"], room.id, department.id)
            for member in self._staff.values():
                if member.department == department.id:
                    self._pass(1)
                    await self._rooms.accept(member, code)

    @singledispatchmethod
    async def _take(self, step: Step) -> None:
        raise TypeError(f"no such step: {type(step).__name__}")

    @_take.register
    async def _(self, step: Say) -> None:
        self._pass(step.after)
        to = None if step.to is None else self._posts[step.to]
        receipt = await self._posting.submit(
            self._person(step.who), self._room, cid=step.key, kind=step.kind, body=step.body, reply_to=to
        )
        self._posts[step.key] = receipt.post
        self._versions[step.key] = receipt.version
        if step.who not in self._staff and not step.left:
            await self._decide(step)

    async def _decide(self, step: Say) -> None:
        self._pass(step.decided_after)
        moderator = self._staff["moderator1"]
        for waiting in await self._review.pull(moderator, self._room, 1):
            ruling = Ruling.PUBLISH if step.rule is None else Ruling.REJECT
            await self._review.decide(moderator, waiting.post, waiting.ver, ruling, step.rule, step.note)

    @_take.register
    async def _(self, step: Correct) -> None:
        self._pass(step.after)
        author = self._person(step.key.partition(">")[0])
        receipt = await self._posting.revise(author, self._posts[step.key], self._versions[step.key], step.body)
        self._versions[step.key] = receipt.version

    @_take.register
    async def _(self, step: Hide) -> None:
        self._pass(step.after)
        await self._rooms.redact(self._staff["moderator1"], self._posts[step.key], step.reason)

    @_take.register
    async def _(self, step: Mark) -> None:
        self._pass(step.after)
        mark = self._rooms.stage if step.stage else self._rooms.pin
        await mark(self._staff["host"], self._posts[step.key], True)

    @_take.register
    async def _(self, step: Votes) -> None:
        post = self._posts[step.key]
        values = [1] * step.up + [-1] * step.down
        for start in range(0, len(values), _VOTES_AT_ONCE):
            batch = enumerate(values[start : start + _VOTES_AT_ONCE], start)
            await asyncio.gather(*(self._rooms.vote(_listener(number), post, value) for number, value in batch))

    @_take.register
    async def _(self, step: Turn) -> None:
        self._pass(step.after)
        if step.verb == "open":
            self._clock.advance(max(0, self._starts_at - self._clock.now_ms()))
        await self._rooms.change(self._staff["host"], self._room, step.verb)

    def _pass(self, seconds: int) -> None:
        self._clock.advance(seconds * 1000)

    def _person(self, who: str) -> Actor:
        """Staff by username; whoever else speaks is a guest of that name."""
        if who in self._staff:
            return self._staff[who]
        number = len(self._guests)
        return self._guests.setdefault(
            who, Actor(_guest_id(f"{self._room[-8:]}{number}"), who, Role.NETIZEN, None, True)
        )


def _listener(number: int) -> Actor:
    return Actor(_guest_id(f"listener{number:04}"), "网民", Role.NETIZEN, guest=True)


def _guest_id(tail: str) -> UserId:
    """Shaped like any guest's id, of a time long past so that no real guest has it."""
    return UserId("g:" + tail.rjust(26, "0"))
