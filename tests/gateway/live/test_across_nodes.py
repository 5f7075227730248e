"""Two nodes on one store and one Redis, and viewers at both: what is committed at one is seen at the other, whatever
becomes of Redis; each way a lost hint is found works alone, and not without itself."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from accounts.handlers import Accounts
from gateway.bus_redis import RedisBus
from gateway.live import Live, build_live
from gateway.options import GatewayOptions
from gateway.redis_link import RedisLink
from kernel.allowances import OwnAllowances
from kernel.clock import FrozenClock
from kernel.ids import CountingIds, RoomId
from moderation.handlers import Posting, Review
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from persistence.store import Store, open_store
from rooms import probe
from rooms.handlers import Rooms
from rooms.model import Lane, PostKind
from rooms.ports import Hint
from tests.contracts.bus.nodes import QUICK, SECRET
from tests.factories import PRICE, live_room, post_command
from tests.gateway.live.house import Client
from tests.services.redis import OwnRedis, own_redis

pytestmark = pytest.mark.anyio

NEVER_MS = 3_600_000


class Node:
    """One node as the bootstrap assembles it, without HTTP: its own store, its own bus, one viewer."""

    def __init__(self, store: Store, bus: RedisBus, live: Live) -> None:
        self.store = store
        self.bus = bus
        self.live = live
        self.mute = False
        self.viewer = Client(live)
        store.on_commit(self._publish)

    @property
    def counts(self) -> dict[str, int]:
        """Why the store was read instead of a hint."""
        return {name: count for name, count in self.live.counters.items() if name.startswith("feed.reads_")}

    def shown(self) -> list[str]:
        return [item["body"] for item in self.viewer.items()]

    async def sees(self, *bodies: str) -> None:
        await self.viewer.until(lambda: self.shown() == list(bodies))

    def _publish(self, hints: list[Hint]) -> None:
        for hint in hints if not self.mute else ():
            self.bus.publish(hint)


class City:
    """`near` is where people post, `far` where others watch."""

    def __init__(self, near: Node, far: Node, room: RoomId, clock: FrozenClock, ids: CountingIds) -> None:
        self.near = near
        self.far = far
        self.room = room
        self._clock = clock
        self._ids = ids

    async def say(self, body: str, *, lost: bool = False) -> None:
        """Committed at `near`; `lost`: nobody is told of it."""
        self.near.mute = lost
        await self.near.store.commit(
            post_command(self.room, self._clock, self._ids, by=PRICE, kind=PostKind.NOTICE, body=body)
        )
        self.near.mute = False

    async def well(self) -> None:
        """Both nodes hear each other, and have looked at what they missed."""
        await until(lambda: all(one.bus.healthy and one.live.hub.probe.resting for one in (self.near, self.far)))


@asynccontextmanager
async def node(url: str, redis: OwnRedis, clock: FrozenClock, ids: CountingIds, probe_ms: int) -> AsyncIterator[Node]:
    store = await open_store(url, clock=clock, ids=ids)
    bus = RedisBus(RedisLink(redis.url), SECRET, QUICK)
    options = GatewayOptions(probe_ms=probe_ms)
    accounts = Accounts(store, clock, b"s" * 32, 10**8, 10**8, 30_000)
    posting = Posting(store, clock, ids, standard_pipeline(), Pace(OwnAllowances(clock)))
    rooms, review = Rooms(store, clock, ids), Review(store, clock, ids, bus=bus)
    live = build_live(store, bus, accounts, rooms, posting, review, options, clock, lambda language, code: code)
    await bus.start()
    await live.start()
    try:
        yield Node(store, bus, live)
    finally:
        await live.close()
        await bus.close()
        await store.close()


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    """To be ill-treated by one test."""
    with own_redis() as server:
        yield server


@pytest.fixture
async def city(
    request: pytest.FixtureRequest, redis: OwnRedis, sqlite_url: str, clock: FrozenClock, ids: CountingIds
) -> AsyncIterator[City]:
    """Nobody looks at the store on their own, unless the test's `probe_ms` says how often."""
    probe_ms = getattr(request, "param", NEVER_MS)
    async with AsyncExitStack() as stack:
        near, far = [await stack.enter_async_context(node(sqlite_url, redis, clock, ids, probe_ms)) for _ in range(2)]
        room = (await live_room(near.store, clock, ids)).id
        for one in (near, far):
            await one.viewer.hello()
            assert (await one.viewer.join(room=room))["t"] == "joined"
        city = City(near, far, room, clock, ids)
        # Each subscription told of a gap: that to one's own channel, and that to the room.
        await until(lambda: min(near.bus.counts["gaps"], far.bus.counts["gaps"]) >= 2)
        await city.well()
        yield city


# --- hints ------------------------------------------------------------------------------------------------------------


async def test_hints_alone_carry_everything_and_the_store_is_not_read(city: City) -> None:
    said = [f"公告 {number}" for number in range(10)]
    for body in said:
        await city.say(body)
    await city.near.sees(*said)
    await city.far.sees(*said)
    assert (city.near.counts, city.far.counts) == ({}, {})


async def test_a_hint_lost_between_others_is_read_once(city: City) -> None:
    await city.say("一")
    await city.say("二", lost=True)
    await city.say("三")
    await city.far.sees("一", "二", "三")
    assert city.far.counts == {"feed.reads_gap": 1}


@pytest.mark.parametrize("city", [100], indirect=True)
async def test_the_last_hint_lost_is_found_by_the_probe(city: City) -> None:
    await city.say("一", lost=True)
    await city.far.sees("一")
    assert city.far.counts == {"feed.reads_probe": 1}


async def test_negative_control_without_a_probe_the_last_hint_stays_lost(city: City) -> None:
    await city.say("一", lost=True)
    await _a_while(city.far)
    assert (city.far.shown(), city.far.counts) == ([], {})


# --- Redis away -------------------------------------------------------------------------------------------------------


async def test_with_redis_dead_the_store_is_asked_often(redis: OwnRedis, city: City) -> None:
    redis.kill()
    await until(lambda: not city.far.bus.healthy)
    await city.say("一")
    await city.near.sees("一")
    await city.far.sees("一")
    assert city.far.counts == {"feed.reads_probe": 1}


async def test_with_redis_frozen_posting_is_not_held_up_and_nothing_is_lost(redis: OwnRedis, city: City) -> None:
    redis.freeze()
    await city.say("一")
    await city.near.sees("一")
    await city.far.sees("一")
    redis.thaw()
    await city.well()
    await city.say("二")
    await city.far.sees("一", "二")


async def test_what_was_said_while_redis_was_away_is_seen_once_it_is_back(
    redis: OwnRedis, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the gap that a new subscription tells, for here nobody looks at the store while the bus is away."""
    monkeypatch.setattr(probe, "UNHEALTHY_S", NEVER_MS / 1_000)
    redis.kill()
    await until(lambda: not city.far.bus.healthy)
    await city.say("一", lost=True)
    redis.start()
    await city.far.sees("一")


async def test_negative_control_without_the_gap_it_is_not_seen(
    redis: OwnRedis, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "UNHEALTHY_S", NEVER_MS / 1_000)
    for server in city.far.bus._servers.values():
        monkeypatch.setattr(server.ear, "_ways", replace(server.ear._ways, gap=lambda: None))
    redis.kill()
    await until(lambda: not city.far.bus.healthy)
    await city.say("一", lost=True)
    redis.start()
    await city.well()
    await _a_while(city.far)
    assert city.far.shown() == []


async def test_what_was_missed_before_a_subscription_was_cut_is_seen_once_it_stands_again(
    redis: OwnRedis, city: City
) -> None:
    await city.say("一", lost=True)
    redis.run("CLIENT", "KILL", "TYPE", "pubsub")
    await city.far.sees("一")
    await city.well()
    await city.say("二")
    await city.far.sees("一", "二")


async def test_a_redis_that_forgets_everything_changes_nothing(redis: OwnRedis, city: City) -> None:
    redis.run("FLUSHALL")
    await city.say("一")
    await city.far.sees("一")
    assert city.far.counts == {}


# --- the store gone back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("city", [100], indirect=True)
async def test_after_a_restore_both_nodes_tell_the_same_new_epoch(city: City, tmp_path: Path) -> None:
    for body in ("一", "二", "三"):
        await city.say(body)
    await city.near.sees("一", "二", "三")
    await city.far.sees("一", "二", "三")
    _lose_the_last(tmp_path / "wenzheng.db", city.room)
    for one in (city.near, city.far):
        await one.viewer.until(lambda one=one: len(one.viewer.of("snap")) == 2)  # type: ignore[misc]
    resets = [one.viewer.of("reset") for one in (city.near, city.far)]
    assert [len(told) for told in resets] == [1, 1]
    assert resets[0][0]["ep"] == resets[1][0]["ep"] != city.near.viewer.of("joined")[0]["lanes"]["pub"]["ep"]
    last = [one.viewer.of("snap")[-1] for one in (city.near, city.far)]
    assert [[item["body"] for item in snap["x"]] for snap in last] == [["一", "二"]] * 2


async def until(condition: Callable[[], bool]) -> None:
    """For what no frame tells."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def _a_while(node: Node) -> None:
    """In which the bus is well: three doubts are heard."""
    heard = node.bus.counts["probes"]
    await until(lambda: node.bus.counts["probes"] >= heard + 3)


def _lose_the_last(path: Path, room: RoomId) -> None:
    """As if a backup of a moment ago had been put back."""
    with sqlite3.connect(path, timeout=5) as database:
        where = "stream_id = ? AND lane = ?"
        (head,) = database.execute(f"SELECT head_seq FROM lane WHERE {where}", (room, Lane.PUB)).fetchone()
        database.execute(f"DELETE FROM event WHERE {where} AND seq = ?", (room, Lane.PUB, head))
        database.execute(f"UPDATE lane SET head_seq = ? WHERE {where}", (head - 1, room, Lane.PUB))
    database.close()
