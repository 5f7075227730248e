"""Who watches on other nodes: told soon, summed rightly, forgotten in time, and honest while Redis is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgpack
import pytest

from gateway.presence_codec import BYTES_MAX, ROOMS_MAX, BadPresence, decode, encode
from gateway.presence_redis import Listening, PresenceTimes, RedisPresence
from gateway.redis_link import RedisLink
from kernel.ids import RoomId
from rooms.presence import Here, Presence, Viewers
from tests.services.redis import OwnRedis, Redis, own_redis

pytestmark = pytest.mark.anyio

ROOM, OTHER = RoomId("room1"), RoomId("room2")
QUICK = PresenceTimes(period_s=0.1, damping_s=0.01, stale_s=1.0)
# So seldom that within a test only what changed is told.
SELDOM = PresenceTimes(period_s=60, damping_s=0.01, stale_s=60)


class Node:
    """A node with a handful of rooms; it notes what it is told."""

    def __init__(self, link: RedisLink, name: str, times: PresenceTimes) -> None:
        self.rooms: dict[RoomId, Here] = {}
        self.duties: list[set[RoomId]] = []
        self.lost: list[str] = []
        self.presence = RedisPresence(link, name, 3, times)
        self.presence.start(Listening(lambda: self.rooms, self._on_duty, self.lost.append))

    def _on_duty(self, rooms: Iterable[RoomId]) -> None:
        self.duties.append(set(rooms))

    def vanish(self) -> None:
        """As a process that is killed: nothing is told any more, not even that."""
        assert self.presence._task is not None
        self.presence._task.cancel()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.005)

    async def trips(self) -> None:
        """What this node knew before is told, and what others told before is known."""
        upto = self.presence.counts["exchanges"] + 2
        await self.until(lambda: self.presence.counts["exchanges"] >= upto)


@asynccontextmanager
async def open_nodes(url: str, prefix: str, names: str, times: PresenceTimes = QUICK) -> AsyncIterator[list[Node]]:
    async with AsyncExitStack() as stack:
        nodes = [Node(RedisLink(url, prefix), name, times) for name in names]
        for node in nodes:
            stack.push_async_callback(node.presence.close)
        for node in nodes:
            await node.until(lambda: node.presence.counts["exchanges"] > 0)  # noqa: B023 - waited for here
        yield nodes


@pytest.fixture
def server() -> Iterator[OwnRedis]:
    with own_redis() as own:
        yield own


@pytest.fixture
async def three(redis: Redis, redis_prefix: str) -> AsyncIterator[list[Node]]:
    async with open_nodes(redis.url, redis_prefix, "abc") as nodes:
        yield nodes


async def test_each_node_knows_how_many_watch_on_the_others(three: list[Node]) -> None:
    a, b, c = three
    a.rooms = {ROOM: Here(12, duty=False)}
    b.rooms = {ROOM: Here(30, duty=False), OTHER: Here(1, duty=False)}

    await c.until(lambda: c.presence.viewers(ROOM) == Viewers(42, approx=True))
    await a.until(lambda: a.presence.viewers(ROOM) == Viewers(30, approx=True))
    assert c.presence.viewers(OTHER).count == 1
    assert c.presence.viewers(RoomId("empty")) == Viewers(0, approx=False)
    assert {node.presence.nodes() for node in three} == {3}


async def test_what_all_show_is_within_two_in_a_hundred(three: list[Node]) -> None:
    """Growing by small steps, each too small to be told at once; with the count of each node rounded as it is shown."""
    a, b, c = three
    for grown in range(0, 28, 7):
        watching = {a: 1_903 + grown, b: 407 + grown, c: 3 + grown}
        for node, count in watching.items():
            node.rooms = {ROOM: Here(count, duty=False)}
        await asyncio.gather(*(node.trips() for node in three))
        for node, count in watching.items():
            shown = Presence(node.presence.viewers)
            for _ in range(count):
                shown.entered(ROOM)
            truth = sum(watching.values())
            await node.until(lambda: abs(shown.viewers(ROOM).count - truth) * 50 <= truth)  # noqa: B023 - waited for here


async def test_a_change_is_told_before_its_time_and_a_ripple_is_not(redis: Redis, redis_prefix: str) -> None:
    async with open_nodes(redis.url, redis_prefix, "ab", SELDOM) as (a, b):
        a.rooms = {ROOM: Here(1_000, duty=False)}
        await a.until(lambda: a.presence.counts["exchanges"] == 2)
        a.rooms = {ROOM: Here(1_009, duty=False)}
        b.rooms = {ROOM: Here(5, duty=False)}
        await b.until(lambda: b.presence.viewers(ROOM).count == 1_000)
        assert a.presence.counts["exchanges"] == 2

        a.rooms = {ROOM: Here(1_009, duty=True)}
        await a.until(lambda: a.presence.counts["exchanges"] == 3)


async def test_a_moderator_elsewhere_is_on_duty_and_it_is_news(three: list[Node]) -> None:
    a, b, _ = three
    a.rooms = {ROOM: Here(0, duty=True)}
    await b.until(lambda: b.presence.duty(ROOM))
    assert not b.presence.duty(OTHER)
    assert b.duties == [{ROOM}]
    a.rooms = {}
    await b.until(lambda: not b.presence.duty(ROOM))
    assert b.duties == [{ROOM}, {ROOM}]
    assert not a.duties, "its own moderators are no news to it"


async def test_a_node_that_dies_is_counted_no_longer_than_it_may_be(three: list[Node]) -> None:
    a, b, _ = three
    a.rooms = {ROOM: Here(7, duty=True)}
    await b.until(lambda: b.presence.viewers(ROOM).count == 7)
    a.vanish()
    gone_by = asyncio.get_running_loop().time() + QUICK.stale_s

    await b.until(lambda: b.presence.viewers(ROOM).count == 0)

    assert asyncio.get_running_loop().time() <= gone_by + QUICK.period_s
    assert not b.presence.duty(ROOM)
    await b.until(lambda: b.lost == ["a"])
    assert b.presence.nodes() == 2


async def test_a_node_that_ends_is_not_counted_from_then_on(redis: Redis, redis_prefix: str) -> None:
    async with open_nodes(redis.url, redis_prefix, "ab", PresenceTimes(0.05, 0.01, stale_s=60)) as (a, b):
        a.rooms = {ROOM: Here(7, duty=False)}
        await b.until(lambda: b.presence.viewers(ROOM).count == 7)
        await a.presence.close()
        await b.until(lambda: b.presence.viewers(ROOM) == Viewers(0, approx=False))
        assert b.lost == ["a"]


async def test_while_redis_is_away_nobody_pretends_to_know() -> None:
    with own_redis() as server:
        async with open_nodes(server.url, "wz", "abc") as (a, b, c):
            a.rooms, c.rooms = {ROOM: Here(7, duty=False)}, {ROOM: Here(30, duty=False)}
            await b.until(lambda: b.presence.viewers(ROOM).count == 37)
            server.kill()
            c.vanish()
            await b.until(lambda: b.presence.counts["failures"] > 0 and b.presence.viewers(ROOM).count == 0)
            assert b.presence.viewers(ROOM) == Viewers(0, approx=True)
            assert b.presence.measures()["presence_known"] == 0
            assert b.presence.nodes() == 3, "as last known"

            server.start()
            await b.until(lambda: b.presence.viewers(ROOM).count == 7)
            await b.until(lambda: b.presence.nodes() == 2)
            assert not b.lost, "of whoever could not be heard nobody knows when"


async def test_one_that_fell_silent_while_redis_was_away_is_forgotten_and_not_lost(server: OwnRedis) -> None:
    """Redis is back before the others have run out of time: some are heard again, and of one nobody knows."""
    async with open_nodes(server.url, "wz", "abc") as (a, b, c):
        a.rooms, c.rooms = {ROOM: Here(7, duty=False)}, {ROOM: Here(30, duty=False)}
        await b.until(lambda: b.presence.viewers(ROOM).count == 37)
        c.vanish()
        server.kill()
        await b.until(lambda: b.presence.measures()["presence_known"] == 0)
        server.start()
        await b.until(lambda: b.presence.nodes() == 2)
        assert not b.lost


async def test_a_redis_that_forgot_everything_makes_no_dip(server: OwnRedis) -> None:
    async with open_nodes(server.url, "wz", "ab", PresenceTimes(0.02, 0.01, stale_s=60)) as (a, b):
        a.rooms = {ROOM: Here(7, duty=False)}
        await b.until(lambda: b.presence.viewers(ROOM).count == 7)
        a.vanish()
        server.run("FLUSHALL")
        await b.trips()
        assert b.presence.viewers(ROOM).count == 7


async def test_before_anybody_was_heard_of_the_expected_nodes_count() -> None:
    presence = RedisPresence(RedisLink("redis://127.0.0.1:1"), "a", expected=4, times=QUICK)
    presence.start(Listening(dict, lambda rooms: None, lambda node: None))
    try:
        async with asyncio.timeout(10):
            while not presence.counts["failures"]:
                await asyncio.sleep(0.005)
        assert presence.nodes() == 4
        assert presence.viewers(ROOM) == Viewers(0, approx=True)
    finally:
        await presence.close()


async def test_the_first_of_several_to_tell_takes_itself_for_alone_only_when_it_has_been_left(
    redis: Redis, redis_prefix: str
) -> None:
    async with open_nodes(redis.url, redis_prefix, "a") as (a,):
        await a.trips()
        assert a.presence.nodes() == 3, "as expected"
        async with open_nodes(redis.url, redis_prefix, "b"):
            await a.until(lambda: a.presence.nodes() == 2)
        await a.until(lambda: a.presence.nodes() == 1)


async def test_a_node_that_once_could_not_say_who_is_here_says_it_the_next_time(
    three: list[Node], caplog: pytest.LogCaptureFixture
) -> None:
    a, b, _ = three
    a.rooms = None  # type: ignore[assignment]
    await a.until(lambda: "who watches could not be told" in caplog.text)
    a.rooms = {ROOM: Here(7, duty=False)}
    await b.until(lambda: b.presence.viewers(ROOM).count == 7)


async def test_rubbish_of_others_counts_for_nothing(redis: Redis, redis_prefix: str, three: list[Node]) -> None:
    a, b, _ = three
    a.rooms = {ROOM: Here(7, duty=False)}
    seconds, micros = redis.run("TIME")
    now = int(seconds) * 1_000 + int(micros) // 1_000
    for n, said in enumerate((f"{now} rubbish", "no time at all", f"{now + 3_600_000} x", "nan x", "")):
        redis.run("HSET", f"{redis_prefix}:nodes", f"liar {n}", said)
    await b.until(lambda: b.presence.counts["refused"] > 0 and b.presence.viewers(ROOM).count == 7)
    assert b.presence.nodes() == 3
    await b.until(lambda: redis.run("HLEN", f"{redis_prefix}:nodes") == 3)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"x" * (BYTES_MAX + 1),
        msgpack.packb([2, {}]),
        msgpack.packb([1, {"r": [-1, False]}]),
        msgpack.packb([1, {"r": [1, 1]}]),
        msgpack.packb([1, {"r": [10**9, True]}]),
        msgpack.packb([1, {"r" * 41: [1, True]}]),
        msgpack.packb([1, {str(n): [1, True] for n in range(ROOMS_MAX + 1)}]),
        msgpack.packb({"a": 1}),
        b"\xc1",
    ],
)
def test_what_no_node_tells_is_refused(said: bytes) -> None:
    with pytest.raises(BadPresence):
        decode(said)


def test_beyond_the_bound_the_least_watched_are_not_told() -> None:
    rooms = {RoomId(f"01hf{n:022d}"): Here(n, duty=n == 0) for n in range(ROOMS_MAX + 10)}
    said = encode(rooms)
    told = decode(said)
    assert len(told) == ROOMS_MAX
    assert rooms.items() - told.items() == {(RoomId(f"01hf{n:022d}"), Here(n, duty=False)) for n in range(1, 11)}
