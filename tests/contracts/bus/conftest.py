"""Two nodes on every kind of bus: inside one process they share it, otherwise they know each other by Redis only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest

from gateway.bus_memory import MemoryBus
from tests.contracts.bus.nodes import QUICK, Node, redis_node


@dataclass
class Pair:
    """`near` publishes, `far` is told."""

    near: Node
    far: Node


@pytest.fixture(params=["memory", "redis", "sharded", "cluster"])
async def pair(request: pytest.FixtureRequest, redis_prefix: str) -> AsyncIterator[Pair]:
    if request.param == "memory":
        bus = MemoryBus()
        await bus.start()
        yield Pair(Node(bus), Node(bus))
        await bus.close()
        return
    if request.param == "cluster":
        url = request.getfixturevalue("redis_cluster")[0].url
    else:
        url = request.getfixturevalue("redis").url
    if request.param == "sharded":
        request.getfixturevalue("redis_7")
    options = replace(QUICK, sharded=request.param != "redis")
    async with AsyncExitStack() as stack:
        near, far = [await stack.enter_async_context(redis_node(url, redis_prefix, options)) for _ in range(2)]
        yield Pair(near, far)
