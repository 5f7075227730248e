"""Everything that counts allowances: one process alone, and the nodes of a Redis, at the same hand-moved time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from kernel.allowances import Allowance, Allowances, OwnAllowances
from kernel.clock import FrozenClock
from tests.contracts.limits.nodes import counting_node


@pytest.fixture(params=["own", "redis"])
async def node(request: pytest.FixtureRequest, clock: FrozenClock, redis_prefix: str) -> AsyncIterator[Allowances]:
    if request.param == "own":
        yield OwnAllowances(clock)
        return
    async with AsyncExitStack() as stack:
        url = request.getfixturevalue("redis").url
        yield await stack.enter_async_context(counting_node(url, redis_prefix, clock=clock))


@pytest.fixture
def five() -> Allowance:
    return Allowance("post", 5, 10_000)
