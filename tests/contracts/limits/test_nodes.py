"""Limits over nodes: counted together while Redis answers, by shares while it does not, and together again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from gateway.allowances_redis import RedisAllowances
from kernel.allowances import Allowance
from kernel.clock import FrozenClock
from kernel.refusals import Refusal
from tests.contracts.limits.nodes import counting_node, let_through, until
from tests.services.redis import OwnRedis, Redis, own_redis

pytestmark = pytest.mark.anyio

FIVE = Allowance("post", 5, 600_000)
NODES = 3


@pytest.fixture(scope="module")
def own_server() -> Iterator[OwnRedis]:
    with own_redis() as server:
        yield server


@pytest.fixture
def server(own_server: OwnRedis) -> OwnRedis:
    """Ours alone, and forgetful: each test may kill and freeze it."""
    own_server.run("FLUSHALL")
    return own_server


@pytest.fixture
async def three(server: OwnRedis, redis_prefix: str) -> AsyncIterator[list[RedisAllowances]]:
    async with AsyncExitStack() as stack:
        opening = (counting_node(server.url, redis_prefix, nodes=NODES) for _ in range(NODES))
        yield [await stack.enter_async_context(opened) for opened in opening]


async def test_one_who_alternates_between_nodes_gets_exactly_what_is_allowed(three: list[RedisAllowances]) -> None:
    assert all(node.together for node in three)
    assert await let_through(three, FIVE, "lin", 30) == 5


async def test_many_at_once_get_exactly_what_is_allowed(three: list[RedisAllowances]) -> None:
    tries = (let_through(node, FIVE, "lin", 10) for node in three for _ in range(4))
    assert sum(await asyncio.gather(*tries)) == 5


async def test_what_one_node_gives_back_another_may_take(three: list[RedisAllowances]) -> None:
    taken = [await three[n % NODES].take(FIVE, "lin") for n in range(5)]
    await three[2].refund(taken[0])
    assert await let_through(three, FIVE, "lin", 9) == 1


async def test_clocks_of_nodes_do_not_matter(server: OwnRedis, redis_prefix: str) -> None:
    """Redis says how late it is. Against it: nodes that say it themselves, an hour apart, let more through."""

    async def allowed(*clocks: FrozenClock | None) -> int:
        async with AsyncExitStack() as stack:
            prefix = f"{redis_prefix}-{len(clocks)}-{clocks[0] is None}"
            opening = (counting_node(server.url, prefix, clock=clock) for clock in clocks)
            nodes = [await stack.enter_async_context(opened) for opened in opening]
            return await let_through(nodes, Allowance("post", 5, 60_000), "lin", 30)

    now = time.time_ns() // 1_000_000
    assert await allowed(None, None) == 5
    assert await allowed(FrozenClock(now), FrozenClock(now + 3_600_000)) > 5


async def test_without_redis_each_node_gives_its_share_and_with_it_all_count_together_again(
    server: OwnRedis, three: list[RedisAllowances]
) -> None:
    server.kill()
    try:
        assert await let_through(three, FIVE, "lin", 60) <= sum(max(1, int(5 / NODES)) for _ in three)
        assert await let_through(three, FIVE, "mo", 60) >= NODES, "nobody is shut out for it"
        assert not any(node.together for node in three)
        assert all(node.counts["away"] == 1 and node.counts["alone"] for node in three)
    finally:
        server.start()
    for node in three:
        await until(node, together=True)
    assert await let_through(three, FIVE, "an", 60) == 5


async def test_what_is_given_back_meanwhile_stays_with_the_share_it_came_from(
    server: OwnRedis, three: list[RedisAllowances]
) -> None:
    server.kill()
    try:
        with pytest.raises(Refusal):
            while True:
                alone = await three[0].take(FIVE, "lin")
    finally:
        server.start()
    await until(three[0], together=True)
    assert not alone.shared
    await three[0].refund(alone)
    assert await let_through([three[0]], FIVE, "lin", 9) == 5


async def test_a_frozen_redis_is_waited_for_once_and_then_not(server: OwnRedis, redis_prefix: str) -> None:
    """Whoever is on the way when it freezes waits one deadline; everybody after that waits for nothing."""
    async with counting_node(server.url, redis_prefix, nodes=NODES, deadline_s=0.3) as node:
        server.freeze()
        try:
            async with asyncio.timeout(5):
                together = [node.take(FIVE, f"user {n}") for n in range(50)]
                assert all(not taken.shared for taken in await asyncio.gather(*together))
            assert node.counts["away"] == 1
            # No step of the loop is needed for an answer that nobody waits for.
            late = node.take(FIVE, "late")
            with pytest.raises(StopIteration) as answered:
                late.send(None)
            assert not answered.value.value.shared
        finally:
            server.thaw()
        await until(node, together=True)
        assert (await node.take(FIVE, "late")).shared


async def test_without_being_given_up_a_frozen_redis_would_cost_everybody_the_wait(
    server: OwnRedis, redis_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above."""
    async with counting_node(server.url, redis_prefix, deadline_s=0.1) as node:
        monkeypatch.setattr(node, "_lose", lambda away: None)
        server.freeze()
        try:
            await node.take(FIVE, "lin")
            late = asyncio.get_running_loop().create_task(node.take(FIVE, "late"))
            await asyncio.sleep(0)
            assert not late.done()
            await late
        finally:
            server.thaw()


async def test_a_redis_that_refuses_writes_is_no_count(server: OwnRedis, redis_prefix: str) -> None:
    async with counting_node(server.url, redis_prefix) as node:
        server.run("CONFIG", "SET", "maxmemory", "1")
        try:
            assert not (await node.take(FIVE, "lin")).shared
            assert not node.together
        finally:
            server.run("CONFIG", "SET", "maxmemory", "0")
        await until(node, together=True)


async def test_a_forgotten_script_is_told_again(server: OwnRedis, three: list[RedisAllowances]) -> None:
    server.run("SCRIPT", "FLUSH")
    assert await let_through(three, FIVE, "lin", 30) == 5
    assert all(node.counts["alone"] == 0 for node in three)


async def test_redis_holds_neither_addresses_nor_names_and_forgets(redis: Redis, redis_prefix: str) -> None:
    async with counting_node(redis.url, redis_prefix) as node:
        await node.take(Allowance("guest", 5, 100), "203.0.113.9")
        kept = redis.run("KEYS", f"{redis_prefix}:allow:guest:*")
        assert len(kept) == 1
        assert b"203.0.113.9" not in kept[0]
        assert 0 < redis.run("PTTL", kept[0].decode()) <= 1_100


async def test_a_node_starts_without_its_redis(redis_prefix: str) -> None:
    async with counting_node("redis://127.0.0.1:1", redis_prefix, nodes=NODES) as node:
        assert not node.together
        assert await let_through(node, FIVE, "lin", 9) == 1
        assert node.measures()["allowances_together"] == 0
