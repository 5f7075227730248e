"""Moderators at one queue, turn by turn, through the real handlers and stores; and what their record must hold to.

In a turn everybody acts at once: whoever has something in hand decides it, whoever has nothing pulls. Then the clock
moves on. One of them falls asleep over a hand of posts for longer than the lease, again and again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from moderation import urgency
from moderation.commands import Ruling, WaitingPost
from moderation.handlers import Review
from persistence.store import Store
from rooms.commands import SubmitPost
from tests.factories import guest, live_room, post_command, scheduled_room, staff

TURN_MS: Final = 1_000
HAND: Final = 3
LEASE_TURNS: Final = 30
# Others have been given what the sleeper held, and still have it.
NAP_TURNS: Final = LEASE_TURNS + 2
BETWEEN_MS: Final = 40  # two questions of the hot room
PUT_AT_ONCE: Final = 64
SLACK_TURNS: Final = 15


@dataclass
class Taken:
    by: Actor
    turn: int
    until: int


@dataclass
class Record:
    """What happened, by post; `since` is when each began to wait, `came` in which turn."""

    since: dict[PostId, int] = field(default_factory=dict)
    came: dict[PostId, int] = field(default_factory=dict)
    taken: dict[PostId, list[Taken]] = field(default_factory=dict)
    room: dict[PostId, RoomId] = field(default_factory=dict)
    off_air: RoomId | None = None
    decided: dict[PostId, list[tuple[Actor, int]]] = field(default_factory=dict)
    lost: int = 0
    turns: int = 0

    def violations(self) -> set[str]:
        """`twice`, `met`, `stolen` (decided without a lease in force), `starved`, `left`; empty is as it should be."""
        broken = set()
        for post in self.since:
            rulings, leases = self.decided.get(post, []), self.taken.get(post, [])
            if len(rulings) > 1:
                broken.add("twice")
            if not rulings:
                broken.add("left")
            if any(after.turn * TURN_MS < before.until for before, after in pairwise(leases)):
                broken.add("met")
            for by, turn in rulings:
                if not any(one.by == by and one.turn <= turn and turn * TURN_MS < one.until for one in leases):
                    broken.add("stolen")
        if any(self._starved(room) for room in set(self.room.values())):
            broken.add("starved")
        return broken

    def _starved(self, room: RoomId) -> bool:
        """Whether a post was not reached in time after the one before it, once it had to be reached.

        In time: as long as a hand of posts of this room is slept over, others may be needier; then it goes first.
        """
        before = 0
        for post in sorted((one for one, where in self.room.items() if where == room), key=self.since.__getitem__):
            patient = urgency.OVERDUE_MS // TURN_MS if room == self.off_air else 0
            reached = self.taken[post][0].turn if post in self.taken else self.turns
            if reached > max(before, self.came[post] + patient) + LEASE_TURNS + SLACK_TURNS:
                return True
            before = max(before, reached)
        return False

    def waits(self, posts: Sequence[PostId]) -> list[int]:
        """In turns, from when a post was there to its ruling; sorted."""
        return sorted(self.decided[post][0][1] - self.came[post] for post in posts)


@dataclass
class Moderator:
    actor: Actor
    review: Review
    sleeper: bool
    hand: list[WaitingPost] = field(default_factory=list)
    awake_at: int = 0


class Shift:
    """One queue of three rooms and those who work on it; `stores` are nodes on one database."""

    def __init__(self, stores: Sequence[Store], clock: FrozenClock, ids: CountingIds, moderators: int) -> None:
        self.record = Record()
        self.quiet: list[PostId] = []
        self._stores, self._clock, self._ids = stores, clock, ids
        self._began = 0
        self._team = [
            Moderator(
                staff(f"m{n}", Role.MODERATOR),
                Review(stores[n % len(stores)], clock, ids, lease_ms=LEASE_TURNS * TURN_MS),
                sleeper=n == 0,
            )
            for n in range(moderators)
        ]

    async def open(self, posts: int) -> None:
        """A hot room with nearly all of them, one not on air yet, and a quiet one in which they come later."""
        store = self._stores[0]
        hot = await live_room(store, self._clock, self._ids)
        coming = await scheduled_room(store, self._clock, self._ids)
        self.record.off_air = coming.id
        self._quiet_room = (await live_room(store, self._clock, self._ids)).id
        await self._put([(coming.id if n % 8 == 0 else hot.id) for n in range(posts)])
        self._began = self._clock.now_ms()

    async def work(self, *, turns_max: int) -> Record:
        """Until nothing waits any more and everybody is awake."""
        record = self.record
        while record.turns < turns_max and (len(record.decided) < len(record.since) or any(o.hand for o in self._team)):
            if record.turns % 20 == 10 and len(record.decided) < len(record.since):
                self.quiet += await self._put([self._quiet_room])
            await asyncio.gather(*(self._act(one) for one in self._team))
            record.turns += 1
            self._clock.advance(TURN_MS)
        return record

    async def _put(self, rooms: list[RoomId]) -> list[PostId]:
        put: list[PostId] = []
        for start in range(0, len(rooms), PUT_AT_ONCE):
            commands: list[SubmitPost] = []
            for room in rooms[start : start + PUT_AT_ONCE]:
                self._clock.advance(BETWEEN_MS if self._began == 0 else 0)
                number = len(self.record.since) + len(commands)
                commands.append(post_command(room, self._clock, self._ids, by=guest(str(number)), body=f"第{number}问"))
            await asyncio.gather(*(self._stores[0].commit(command) for command in commands))
            for command in commands:
                self.record.since[command.id] = command.at
                self.record.room[command.id] = command.room
                self.record.came[command.id] = self.record.turns
                put.append(command.id)
        return put

    async def _act(self, one: Moderator) -> None:
        turn = self.record.turns
        if turn < one.awake_at:
            return
        if one.hand:
            await self._decide(one, one.hand.pop(0))
            return
        one.hand = list(await one.review.pull(one.actor, None, HAND))
        for post in one.hand:
            leases = self.record.taken.setdefault(post.post, [])
            leases.append(Taken(one.actor, turn, post.lease_until - self._began))
        if one.sleeper and one.hand:
            one.awake_at = turn + NAP_TURNS

    async def _decide(self, one: Moderator, post: WaitingPost) -> None:
        try:
            await one.review.decide(one.actor, post.post, post.ver, Ruling.PUBLISH)
        except Refusal as refusal:
            if refusal.code.name != "lease_lost":
                raise
            self.record.lost += 1
            return
        self.record.decided.setdefault(post.post, []).append((one.actor, self.record.turns))
