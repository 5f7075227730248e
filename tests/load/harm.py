"""Everything that may go wrong in a city of several nodes, each by name, done and healed again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.city import City
from tests.faults.proxy import Proxy
from tests.services.server import ServerProcess

# How long a fault lasts that does not end by itself.
LASTS_S = 4.0
LATENCY_S = 0.005
# Long enough for everybody to be told that the store is away.
STORE_FROZEN_S = 6.0
STARTS = 3


@dataclass(frozen=True, slots=True)
class Harm:
    """One fault. `quick`: those who watch must have everything within a second all the while."""

    name: str
    do: Callable[[City, random.Random], Awaitable[None]]
    quick: bool = False


async def _node_killed(city: City, chance: random.Random) -> None:
    node = chance.choice(city.nodes)
    await asyncio.to_thread(node.kill)
    await asyncio.to_thread(_started, node)


def _started(node: ServerProcess) -> None:
    """As a service manager would: a start that meets an earlier fault ends in one line, and is tried again."""
    for n in range(1, STARTS + 1):
        try:
            node.start(90)
            return
        except AssertionError:
            if n == STARTS:
                raise


async def _node_frozen(city: City, chance: random.Random) -> None:
    node = chance.choice(city.nodes)
    node.freeze()
    await asyncio.sleep(LASTS_S)
    node.thaw()


async def _store_killed(city: City, chance: random.Random) -> None:
    await asyncio.to_thread(city.database.kill)
    await asyncio.to_thread(city.database.start)


async def _store_frozen(city: City, chance: random.Random) -> None:
    city.database.freeze()
    await asyncio.sleep(STORE_FROZEN_S)
    city.database.thaw()


async def _store_lines_reset(city: City, chance: random.Random) -> None:
    for line in city.lines:
        line.reset()


async def _store_line_slow(city: City, chance: random.Random) -> None:
    await _for_a_while(chance.choice(city.lines), lambda line: line.slow(latency_s=LATENCY_S))


async def _store_line_half_open(city: City, chance: random.Random) -> None:
    line = chance.choice(city.lines)
    line.silence()
    await asyncio.sleep(LASTS_S)
    line.speak()


async def _commits_cut(city: City, chance: random.Random) -> None:
    for line in city.lines:
        line.cut_commits(3, stored=chance.random() < 0.5)
    await asyncio.sleep(LASTS_S / 2)
    # A node that had nothing to commit would keep its cuts for whatever comes next, a migration at its start among it.
    for line in city.lines:
        line.cut_commits(0, stored=False)
        line.cut_commits(0, stored=True)


async def _redis_killed(city: City, chance: random.Random) -> None:
    await asyncio.to_thread(city.redis.kill)
    await asyncio.sleep(LASTS_S)
    await asyncio.to_thread(city.redis.start)


async def _redis_frozen(city: City, chance: random.Random) -> None:
    city.redis.freeze()
    await asyncio.sleep(LASTS_S)
    city.redis.thaw()


async def _redis_subscribers_cut(city: City, chance: random.Random) -> None:
    await asyncio.to_thread(city.redis.run, "CLIENT", "KILL", "TYPE", "pubsub")


async def _redis_emptied(city: City, chance: random.Random) -> None:
    await asyncio.to_thread(city.redis.run, "FLUSHALL")


async def _redis_line_half_open(city: City, chance: random.Random) -> None:
    line = chance.choice(city.bus_lines)
    line.silence()
    await asyncio.sleep(LASTS_S)
    line.speak()


async def _clock_jumps(city: City, chance: random.Random) -> None:
    n = chance.randrange(len(city.nodes))
    city.set_clock(n, chance.choice((-3_600_000, 3_600_000)))
    await asyncio.sleep(LASTS_S)
    city.set_clock(n, 0)


async def _nothing(city: City, chance: random.Random) -> None:
    await asyncio.sleep(LASTS_S)


async def _for_a_while(line: Proxy, harm: Callable[[Proxy], None]) -> None:
    harm(line)
    await asyncio.sleep(LASTS_S)
    line.heal()


HARMS = {
    harm.name: harm
    for harm in (
        Harm("nothing", _nothing, quick=True),
        Harm("node-killed", _node_killed),
        Harm("node-frozen", _node_frozen),
        Harm("store-killed", _store_killed),
        Harm("store-frozen", _store_frozen),
        Harm("store-lines-reset", _store_lines_reset),
        Harm("store-line-slow", _store_line_slow),
        Harm("store-line-half-open", _store_line_half_open),
        Harm("commits-cut", _commits_cut),
        Harm("redis-killed", _redis_killed, quick=True),
        Harm("redis-frozen", _redis_frozen, quick=True),
        Harm("redis-subscribers-cut", _redis_subscribers_cut, quick=True),
        Harm("redis-emptied", _redis_emptied, quick=True),
        Harm("redis-line-half-open", _redis_line_half_open, quick=True),
        Harm("clock-jumps", _clock_jumps, quick=True),
    )
}
