"""Two nodes on one store: what one publishes, both judge by within two seconds, and posts do not wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kernel.allowances import OwnAllowances
from kernel.clock import FrozenClock
from kernel.ids import CountingIds, IdSource, RoomId
from kernel.permissions import Role
from moderation.handlers import Posting
from moderation.lists.keeping import Change, WordLists
from moderation.lists.live import POLL_S, LiveWords
from moderation.lists.model import CITY
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from persistence.store import Store
from rooms.commands import PostReceipt
from rooms.model import PostKind, PostState
from tests.factories import guest, live_room, staff

pytestmark = pytest.mark.anyio
MODERATOR = staff("mod1", Role.MODERATOR)
# The promise to whoever publishes a list.
IN_FORCE_S = 2.0


class Node:
    """What one process does about lists: follows them, judges by them, publishes."""

    def __init__(self, store: Store, clock: FrozenClock, ids: IdSource, poll_s: float) -> None:
        self.words = LiveWords(store, poll_s=poll_s)
        self.lists = WordLists(store, clock, published=self.words.look)
        pace = Pace(OwnAllowances(clock), burst=10_000)
        self._posting = Posting(store, clock, ids, standard_pipeline(self.words), pace)
        self._said = 0

    async def say(self, room: RoomId, body: str) -> PostReceipt:
        self._said += 1
        somebody = guest(f"{id(self)}{self._said}"[-20:])
        return await self._posting.submit(somebody, room, cid="c", kind=PostKind.QUESTION, body=body)


@asynccontextmanager
async def nodes(*stores: Store, clock: FrozenClock, ids: IdSource, poll_s: float = POLL_S) -> AsyncIterator[list[Node]]:
    made = [Node(store, clock, ids, poll_s) for store in stores]
    for node in made:
        await node.words.start()
    yield made
    for node in made:
        await node.words.close()


async def held_within(node: Node, room: RoomId, seconds: float) -> PostReceipt | None:
    """The first post that the node holds, if it holds one in time; it is asked again and again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        receipt = await node.say(room, "坐黑车划算吗")
        if receipt.state is PostState.PENDING:
            return receipt
        await asyncio.sleep(0.05)
    return None


async def test_what_one_node_publishes_both_judge_by_within_two_seconds(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = (await live_room(store, clock, ids, premoderate=False)).id
    async with nodes(store, other, clock=clock, ids=ids) as (here, there):
        assert (await there.say(room, "坐黑车划算吗")).state is PostState.PUBLISHED

        await here.lists.publish(MODERATOR, CITY, Change(terms="黑车\n"), 0, "今晚有人揽客")
        held = await asyncio.gather(held_within(here, room, IN_FORCE_S), held_within(there, room, IN_FORCE_S))

    for receipt in held:
        assert receipt is not None, "not in force in time"
        assert [(reason.phase, reason.term, reason.list) for reason in receipt.reasons] == [("wordlist", "黑车", 1)]


async def test_a_node_that_does_not_compare_would_not_know(
    sqlite_store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    """The control: without the second look the other node goes on as before, and the test above could tell."""
    room = (await live_room(sqlite_store, clock, ids, premoderate=False)).id
    async with nodes(sqlite_store, clock=clock, ids=ids, poll_s=3600) as (there,):
        await WordLists(sqlite_store, clock).publish(MODERATOR, CITY, Change(terms="黑车\n"), 0, "没有人告诉它")

        assert await held_within(there, room, 0.3) is None
        there.words.look()
        assert await held_within(there, room, IN_FORCE_S) is not None
