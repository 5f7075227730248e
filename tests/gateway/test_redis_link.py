"""The way to Redis: answered in time or refused in time, and never said with its password."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import RedisError

from gateway.redis_link import ANSWER_S, CONNECT_S, RETRIES, RedisLink
from tests.services.postgres import free_port
from tests.services.redis import Redis, own_redis

pytestmark = pytest.mark.anyio


async def test_keys_of_one_deployment_do_not_meet_those_of_another(redis: Redis, redis_prefix: str) -> None:
    ours, theirs = RedisLink(redis.url, redis_prefix), RedisLink(redis.url, f"{redis_prefix}-b")
    client = ours.client()
    try:
        await client.set(ours.name("room", "n"), "1", ex=10)
        assert await client.get(ours.name("room", "n")) == b"1"
        assert await client.get(theirs.name("room", "n")) is None
    finally:
        await client.aclose()


async def test_a_frozen_redis_refuses_in_time_and_serves_again_afterwards() -> None:
    with own_redis() as server:
        client = RedisLink(server.url).client()
        try:
            await client.ping()
            server.freeze()
            # Once over the old connection and once over a new one, each with its greeting.
            async with asyncio.timeout((1 + RETRIES) * (ANSWER_S + CONNECT_S)):
                with pytest.raises(RedisError):
                    await client.ping()
            server.thaw()
            assert await client.ping()
        finally:
            await client.aclose()


async def test_a_restart_behind_a_pooled_connection_goes_unnoticed() -> None:
    with own_redis() as server:
        client = RedisLink(server.url).client()
        try:
            await client.ping()
            server.kill()
            server.start()
            assert await client.ping()
        finally:
            await client.aclose()


async def test_where_nobody_listens_the_answer_is_an_error() -> None:
    client = RedisLink(f"redis://127.0.0.1:{free_port()}").client()
    try:
        with pytest.raises(RedisError):
            await client.ping()
    finally:
        await client.aclose()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:secret@redis.example:6380/2", "redis://redis.example:6380/2"),
        ("rediss://:secret@redis.example?ssl_cert_reqs=none", "rediss://redis.example"),
    ],
)
def test_the_password_is_never_shown(url: str, shown: str) -> None:
    link = RedisLink(url)
    assert link.shown == shown
    assert "secret" not in f"{link!r} {link}"
