"""Nodes that count together, and how often one of them lets somebody through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.allowances_redis import RedisAllowances
from gateway.redis_link import RedisLink
from kernel.allowances import Allowance, Allowances, OwnAllowances
from kernel.clock import Clock, SystemClock
from kernel.refusals import Refusal

SECRET = b"of all nodes of one store " * 2
# Wide enough for a busy machine; whether nobody waits is told by a step of the loop, not by a clock.
DEADLINE_S = 5.0


@asynccontextmanager
async def counting_node(
    url: str, prefix: str, *, clock: Clock | None = None, nodes: int = 1, deadline_s: float = DEADLINE_S
) -> AsyncIterator[RedisAllowances]:
    """A node of its own, started, over its own connections; without a clock Redis says how late it is."""
    own = OwnAllowances(clock or SystemClock())
    link = RedisLink(url, prefix)
    node = RedisAllowances(link, SECRET, own, lambda: nodes, clock=clock, deadline_s=deadline_s, pause_s=0.02)
    await node.start()
    try:
        yield node
    finally:
        await node.close()


async def let_through(nodes: Allowances | Sequence[Allowances], allowance: Allowance, whose: str, times: int) -> int:
    """How many of `times` were allowed, asked of the nodes in turn."""
    asked = nodes if isinstance(nodes, Sequence) else [nodes]
    allowed = 0
    for n in range(times):
        try:
            await asked[n % len(asked)].take(allowance, whose)
        except Refusal:
            continue
        allowed += 1
    return allowed


async def until(node: RedisAllowances, *, together: bool) -> None:
    """Waits for what the node finds out by itself."""
    async with asyncio.timeout(10):
        while node.together is not together:
            await asyncio.sleep(0.01)
