"""A line to Redis on the event loop that serves: however it ends, it is broken and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from gateway.presence_exchange import Exchange
from gateway.redis_line import LineBroken, RedisLine
from gateway.redis_link import RedisLink
from tests.services.redis import OwnRedis, own_redis

PATIENCE_S = 10.0


def on_the_loop_that_serves(story: Callable[[OwnRedis], Awaitable[None]]) -> None:
    with own_redis() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(story(server), PATIENCE_S))


def test_a_redis_that_dies_while_nothing_is_said_breaks_the_line_at_the_next_word() -> None:
    """uvloop has closed the connection by then, and says so with words of its own."""

    async def story(server: OwnRedis) -> None:
        line = RedisLine(RedisLink(server.url))
        await line.open()
        writer = line._connection._writer
        assert writer is not None
        writer.transport.abort()  # as the loop does when it hears of it
        await asyncio.sleep(0)
        with pytest.raises(LineBroken):
            await line.send([("PING",)])
        await line.close()

    on_the_loop_that_serves(story)


def test_who_watches_elsewhere_is_then_not_known_and_asked_again_later() -> None:
    async def story(server: OwnRedis) -> None:
        exchange = Exchange(RedisLink(server.url), "node", 15.0)
        assert await exchange.tell(b"here") == []
        server.kill()
        for _ in range(20):
            assert await exchange.tell(b"here") is None
        server.start()
        while await exchange.tell(b"here") is None:
            await asyncio.sleep(0.01)
        await exchange.close()

    on_the_loop_that_serves(story)
