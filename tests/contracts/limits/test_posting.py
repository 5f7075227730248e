"""The pace of one author who goes from node to node: what is sent again does not count, wherever it is sent to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256

import pytest

from accounts.model import Department
from kernel.allowances import Allowances, OwnAllowances
from kernel.clock import FrozenClock, SystemClock
from kernel.ids import DepartmentId, MonotonicIds, RoomId
from kernel.refusals import Refusal
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from moderation.posting import Posting
from persistence.store import Store
from rooms.commands import PostReceipt
from rooms.handlers import Rooms
from rooms.model import PostKind
from tests.contracts.limits.nodes import counting_node
from tests.factories import HOST, guest

pytestmark = pytest.mark.anyio

LIN = guest("1")
NODES = 3
HOUR_MS = 3_600_000


@dataclass
class City:
    """One store, and as many nodes as there are ways to post."""

    store: Store
    room: RoomId
    nodes: list[Posting]

    async def ask(self, node: int, cid: str) -> PostReceipt | None:
        """None: too fast."""
        body = f"第 {cid} 个问题，与别的都不同：{sha256(cid.encode()).hexdigest()}"
        try:
            return await self.nodes[node].submit(LIN, self.room, cid=cid, kind=PostKind.QUESTION, body=body)
        except Refusal as refused:
            if refused.code.name != "rate":
                raise
            return None


async def build(store: Store, allowances: list[Allowances]) -> City:
    clock = SystemClock()
    ids = MonotonicIds(clock)
    await store.add_department(Department(DepartmentId("price"), "市物价局", "Price Bureau", "价", 1))
    room = await Rooms(store, clock, ids).create(HOST, title="票价", departments=["price"], open=True)
    nodes = [Posting(store, clock, ids, standard_pipeline(), Pace(one, interval_ms=HOUR_MS)) for one in allowances]
    return City(store, room.id, nodes)


@pytest.fixture
async def city(sqlite_store: Store, redis_prefix: str, request: pytest.FixtureRequest) -> AsyncIterator[City]:
    async with AsyncExitStack() as stack:
        url = request.getfixturevalue("redis").url
        opening = (counting_node(url, redis_prefix, nodes=NODES) for _ in range(NODES))
        yield await build(sqlite_store, [await stack.enter_async_context(opened) for opened in opening])


async def test_an_author_who_alternates_posts_as_often_as_on_one_node(city: City) -> None:
    receipts = [await city.ask(n % NODES, f"c{n}") for n in range(12)]
    assert sum(receipt is not None for receipt in receipts) == 5


async def test_without_counting_together_it_would_be_as_often_on_each(sqlite_store: Store, clock: FrozenClock) -> None:
    """The control of the test above."""
    city = await build(sqlite_store, [OwnAllowances(clock) for _ in range(NODES)])
    receipts = [await city.ask(n % NODES, f"c{n}") for n in range(30)]
    assert sum(receipt is not None for receipt in receipts) == 5 * NODES


async def test_what_is_sent_again_elsewhere_is_the_same_post_and_does_not_count(city: City) -> None:
    first = await city.ask(0, "c0")
    again = [await city.ask(n % NODES, "c0") for n in range(1, 8)]
    assert first is not None
    assert {receipt.post for receipt in again if receipt is not None} == {first.post}

    receipts = [await city.ask(n % NODES, f"c{n}") for n in range(1, 9)]
    assert sum(receipt is not None for receipt in receipts) == 4
    assert await city.ask(1, "c0") is not None, "also when nothing is left"


async def test_one_post_sent_many_times_together_is_one_and_counts_once(city: City) -> None:
    await asyncio.gather(*(city.ask(n % NODES, "c0") for n in range(9)))
    receipts = [await city.ask(n % NODES, f"c{n}") for n in range(1, 9)]
    assert sum(receipt is not None for receipt in receipts) == 4


async def test_the_last_that_is_left_sent_twice_together_passes_twice(city: City) -> None:
    for n in range(4):
        await city.ask(n % NODES, f"c{n}")
    receipts = await asyncio.gather(*(city.ask(0, "last") for _ in range(3)))
    assert len({receipt.post for receipt in receipts if receipt is not None}) == 1
    assert None not in receipts
