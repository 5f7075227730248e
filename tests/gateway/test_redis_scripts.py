"""Scripts run where their key is: on the one Redis there is, and on every server of a Cluster."""

from __future__ import annotations

import asyncio

import pytest

from gateway.redis_link import MAX_CONNECTIONS, RedisLink
from gateway.redis_scripts import NoAnswer, Script, Scripts
from kernel.allowances import Allowance
from tests.contracts.limits.nodes import counting_node, let_through
from tests.services.redis import OwnRedis, Redis, own_redis

pytestmark = pytest.mark.anyio

COUNT = Script("return redis.call('INCR', KEYS[1]) + ARGV[1]")


async def test_a_script_is_told_once_and_again_when_it_was_forgotten(redis: Redis, redis_prefix: str) -> None:
    scripts = Scripts(RedisLink(redis.url, redis_prefix))
    key = f"{redis_prefix}:n"
    assert await scripts.run(5.0, COUNT, key, 10) == 11
    redis.run("SCRIPT", "FLUSH")
    assert await scripts.run(5.0, COUNT, key, 10) == 12
    await scripts.close()


async def test_in_a_cluster_every_key_is_found(redis_cluster: list[OwnRedis], redis_prefix: str) -> None:
    scripts = Scripts(RedisLink(redis_cluster[0].url, redis_prefix))
    for n in range(30):
        assert await scripts.run(5.0, COUNT, f"{redis_prefix}:{n}", 0) == 1
    on_each = [len(member.run("KEYS", f"{redis_prefix}:*")) for member in redis_cluster]
    assert sum(on_each) == 30
    assert all(on_each)
    await scripts.close()


async def test_in_a_cluster_all_nodes_count_together(redis_cluster: list[OwnRedis], redis_prefix: str) -> None:
    five = Allowance("post", 5, 600_000)
    async with (
        counting_node(redis_cluster[0].url, redis_prefix) as near,
        counting_node(redis_cluster[1].url, redis_prefix) as far,
    ):
        assert [await let_through([near, far], five, f"user {n}", 20) for n in range(10)] == [5] * 10
        assert near.counts["alone"] == far.counts["alone"] == 0


async def test_what_a_script_does_wrong_is_an_error(redis: Redis, redis_prefix: str) -> None:
    scripts = Scripts(RedisLink(redis.url, redis_prefix))
    with pytest.raises(NoAnswer):
        await scripts.run(5.0, Script("return redis.call('NO')"), "key")
    await scripts.close()


async def test_a_fault_of_the_driver_is_no_answer_and_nothing_worse(
    redis: Redis, redis_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_order(script: Script) -> str:
        raise ValueError("out of order")

    scripts = Scripts(RedisLink(redis.url, redis_prefix))
    with monkeypatch.context() as broken, pytest.raises(NoAnswer, match="ValueError"):
        broken.setattr(scripts, "_client", out_of_order)
        await scripts.run(5.0, COUNT, f"{redis_prefix}:n", 10)
    assert await scripts.run(5.0, COUNT, f"{redis_prefix}:n", 10) == 11
    await scripts.close()


async def test_whoever_gives_up_waiting_costs_the_pool_nothing() -> None:
    with own_redis() as server:
        scripts = Scripts(RedisLink(server.url))
        assert await scripts.run(5.0, COUNT, "n", 0) == 1
        for _ in range(3):
            server.freeze()
            late = [scripts.run(0.01, COUNT, "n", 0) for _ in range(MAX_CONNECTIONS + 2)]
            assert {type(answer) for answer in await asyncio.gather(*late, return_exceptions=True)} == {NoAnswer}
            server.thaw()
            assert await scripts.run(5.0, COUNT, "n", 0) > 1
        await scripts.close()
