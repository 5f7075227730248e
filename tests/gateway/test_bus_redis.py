"""The bus when its Redis dies, freezes, forgets, goes deaf or lies: nobody waits, nothing wrong is told, it heals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from gateway.bus_outbox import MAX_WAITING as OUTBOX_MAX
from gateway.bus_redis import RedisBus
from gateway.bus_routes import UnsuitableRedis
from gateway.hint_codec import HintCodec
from gateway.redis_line import RedisLine
from gateway.redis_link import RedisLink
from kernel.ids import RoomId
from rooms.model import Lane
from tests.contracts.bus.nodes import QUICK, ROOM, SECRET, Node, redis_node, said
from tests.gateway.deafening import deafening
from tests.services.postgres import free_port
from tests.services.redis import SLOTS, OwnRedis, Redis, own_redis
from tests.services.redis_binaries import Binary, from_wheel

pytestmark = pytest.mark.anyio


@pytest.fixture
def server() -> Iterator[OwnRedis]:
    """To be ill-treated by one test."""
    with own_redis() as server:
        yield server


@pytest.fixture
async def nodes(server: OwnRedis) -> AsyncIterator[tuple[Node, Node]]:
    """One that publishes, and one that follows the room already."""
    async with AsyncExitStack() as stack:
        near, far = [await stack.enter_async_context(redis_node(server.url, "wz")) for _ in range(2)]
        await far.follow()
        await near.until(lambda: near.bus.healthy)
        yield near, far


async def heard_again(near: Node, far: Node) -> None:
    """Both are well, and the next hint arrives. The first after a fault may be the one that finds out about it."""
    await far.until(lambda: near.bus.healthy and far.bus.healthy)
    before = len(far.heard)
    near.bus.publish(said(99))
    await far.until(lambda: len(far.heard) > before)


# --- Redis away ---------------------------------------------------------------------------------------------------


async def test_killed_and_back_it_is_noticed_told_and_forgotten(server: OwnRedis, nodes: tuple[Node, Node]) -> None:
    near, far = nodes
    server.kill()
    await far.until(lambda: not far.bus.healthy and not near.bus.healthy)
    near.bus.publish(said(1))
    assert near.heard == [said(1)], "here it is told as ever"
    gaps = far.gaps
    server.start()
    await heard_again(near, far)
    assert far.gaps > gaps, "what was said meanwhile was not heard"
    assert said(1) not in far.heard


async def test_frozen_it_holds_nobody_up_and_is_found_out(server: OwnRedis, nodes: tuple[Node, Node]) -> None:
    near, far = nodes
    server.freeze()
    for number in range(1, 200):
        near.bus.publish(said(number))
    assert len(near.heard) == 199, "told here without a single turn of the loop"
    await far.until(lambda: not far.bus.healthy and not near.bus.healthy)
    gaps = far.gaps
    server.thaw()
    await heard_again(near, far)
    assert far.gaps > gaps


async def test_subscriptions_cut_by_the_server_stand_again_and_a_gap_is_told(
    server: OwnRedis, nodes: tuple[Node, Node]
) -> None:
    near, far = nodes
    gaps = far.gaps
    assert server.run("CLIENT", "KILL", "TYPE", "pubsub") >= 2
    await far.until(lambda: far.gaps > gaps)
    await heard_again(near, far)


async def test_the_other_connection_cut_loses_nothing(server: OwnRedis, nodes: tuple[Node, Node]) -> None:
    """It may have died while nothing was said; what is to be said is said once more over a new one."""
    near, far = nodes
    server.run("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    near.bus.publish(said(1))
    await far.until(lambda: far.heard == [said(1)])


async def test_a_room_left_and_wanted_again_at_once_costs_no_connection(server: OwnRedis) -> None:
    patient = replace(QUICK, answer_s=10.0)
    async with redis_node(server.url, "wz") as near, redis_node(server.url, "wz", patient) as far:
        await far.follow()
        far.bus.forget(ROOM)
        await asyncio.sleep(0)  # the end of the subscription is on its way
        await far.follow()
        near.bus.publish(said(1))
        await far.until(lambda: far.heard == [said(1)])
        assert far.bus.counts["connects"] == 1  # type: ignore[attr-defined]


async def test_a_redis_that_lets_nobody_in_is_named_with_the_reason(
    server: OwnRedis, caplog: pytest.LogCaptureFixture
) -> None:
    server.run("CONFIG", "SET", "requirepass", "hunter2")
    async with redis_node(server.url.replace("redis://", "redis://:wrong@"), "wz") as node:
        await node.until(lambda: "the bus is away" in caplog.text)
        assert not node.bus.healthy
    (told,) = [record for record in caplog.records if "the bus is away" in record.message]
    assert (told.why, told.bus) == ("AuthenticationError", f"redis://127.0.0.1:{server.port}/0")  # type: ignore[attr-defined]
    assert "wrong" not in caplog.text


async def test_a_redis_that_forgets_everything_changes_nothing(server: OwnRedis, nodes: tuple[Node, Node]) -> None:
    near, far = nodes
    gaps = far.gaps
    server.run("FLUSHALL")
    near.bus.publish(said(1))
    await far.until(lambda: far.heard == [said(1)])
    assert far.gaps == gaps


async def test_it_starts_without_redis_and_finds_it_later(server: OwnRedis) -> None:
    server.kill()
    async with redis_node(server.url, "wz") as near, redis_node(server.url, "wz") as far:
        far.bus.follow(ROOM)
        near.bus.publish(said(1))
        assert (near.heard, near.bus.healthy) == ([said(1)], False)
        server.start()
        await heard_again(near, far)


# --- a subscription that looks alive ------------------------------------------------------------------------------


async def test_a_deaf_subscription_is_found_out_and_replaced(server: OwnRedis) -> None:
    async with deafening(server.port) as way, redis_node(server.url, "wz") as near, redis_node(way.url, "wz") as far:
        await far.follow()
        way.deafen()
        gaps = far.gaps
        await far.until(lambda: far.gaps > gaps)
        await heard_again(near, far)
        assert isinstance(far.bus, RedisBus)
        assert far.bus.counts["deaf"] >= 1


async def test_negative_control_without_doubts_it_stays_deaf_and_looks_well(server: OwnRedis) -> None:
    trusting = replace(QUICK, probe_s=3_600.0)
    async with (
        deafening(server.port) as way,
        redis_node(server.url, "wz") as near,
        redis_node(way.url, "wz", trusting) as far,
    ):
        await far.follow()
        await far.until(lambda: far.bus.counts["probes"] == 1)  # type: ignore[attr-defined]
        way.deafen()
        gaps = far.gaps
        near.bus.publish(said(1))
        with pytest.raises(TimeoutError):
            await far.until(lambda: far.gaps > gaps, seconds=1.5 * (QUICK.probe_s + QUICK.answer_s))
        assert (far.bus.healthy, far.heard) == (True, [])


# --- what comes from elsewhere ------------------------------------------------------------------------------------


async def test_who_writes_to_redis_cannot_put_words_into_a_room(server: OwnRedis, nodes: tuple[Node, Node]) -> None:
    near, far = nodes
    genuine, stranger = HintCodec(SECRET), HintCodec(b"guessed" * 5)
    payload = genuine.encode(said(1))
    channel = f"wz:{{{ROOM}}}:pub"
    for written in (stranger.encode(said(5)), payload, payload, payload[:40], b"\xff" * 300_000, b"", payload + b"x"):
        _publish(server, channel, written)
    _publish(server, f"wz:{{{ROOM}}}:desk", payload)
    near.bus.publish(said(9))
    await far.until(lambda: said(9) in far.heard)
    assert far.heard == [said(1), said(9)]
    assert isinstance(far.bus, RedisBus)
    refused = {name: count for name, count in far.bus.counts.items() if name.startswith("refused_")}
    assert refused == {"refused_forged": 3, "refused_repeated": 1, "refused_truncated": 2, "refused_too_large": 1}


async def test_deployments_that_share_a_redis_do_not_hear_each_other(redis: Redis, redis_prefix: str) -> None:
    async with redis_node(redis.url, redis_prefix) as ours, redis_node(redis.url, f"{redis_prefix}-b") as theirs:
        await theirs.follow()
        await ours.follow()
        ours.bus.publish(said(1))
        theirs.bus.publish(said(2))
        await ours.until(lambda: ours.bus.counts["echoes"] > 0)  # type: ignore[attr-defined]
        assert (ours.heard, theirs.heard) == ([said(1)], [said(2)])


# --- bounds -------------------------------------------------------------------------------------------------------


async def test_more_than_fits_is_dropped_and_counted(server: OwnRedis, nodes: tuple[Node, Node]) -> None:
    near, _ = nodes
    for number in range(OUTBOX_MAX + 10):
        near.bus.publish(said(number))
    assert isinstance(near.bus, RedisBus)
    # The ear's own word may wait there, too.
    assert 10 <= near.bus.counts["dropped_full"] <= 11
    assert len(near.heard) == OUTBOX_MAX + 10


# --- faults nobody thought of ---------------------------------------------------------------------------------------


async def test_a_fault_of_the_driver_does_not_strike_the_node_dumb(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    near, far = nodes
    asked, struck = RedisLine.ask, False

    async def failing(line: RedisLine, commands: Any) -> list[Any]:
        nonlocal struck
        if not struck and any(ROOM in channel for _, channel, *_ in commands):
            struck = True
            raise ValueError("out of order")
        return await asked(line, commands)

    monkeypatch.setattr(RedisLine, "ask", failing)
    near.bus.publish(said(1))
    await far.until(lambda: far.heard == [said(1)])
    assert "hints could not be sent" in caplog.text


# --- versions and clusters ----------------------------------------------------------------------------------------


async def test_sharded_channels_are_refused_by_an_old_redis_in_one_line(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = RedisLine.ask

    async def old(line: RedisLine, commands: Any) -> list[Any]:
        server, *rest = await asked(line, commands)
        return [server.replace(b"redis_version:", b"redis_version:6.2.14\r\nolder_than:"), *rest]

    monkeypatch.setattr(RedisLine, "ask", old)
    bus = RedisBus(RedisLink(redis.url), SECRET, replace(QUICK, sharded=True))
    with pytest.raises(UnsuitableRedis, match=r"bus.sharded needs Redis 7 or newer, the one of bus.url is 6\.2\.14"):
        await bus.start()
    await bus.close()


@pytest.mark.parametrize(
    "answers",
    [[b"redis_mode:odd", b"cluster_enabled:1", []], [b"redis_version:7.2-rc1\r\n", b"", []], [b"", None, None]],
    ids=["no version", "no number", "nothing"],
)
async def test_a_server_that_says_of_itself_what_nobody_understands_is_refused_in_one_line(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, answers: list[Any]
) -> None:
    async def odd(line: RedisLine, commands: Any) -> list[Any]:
        return answers

    monkeypatch.setattr(RedisLine, "ask", odd)
    bus = RedisBus(RedisLink(redis.url), SECRET, replace(QUICK, sharded=True))
    with pytest.raises(UnsuitableRedis, match="not understood"):
        await bus.start()
    await bus.close()


@pytest.mark.parametrize("binary", [*filter(None, [from_wheel()])], ids=["6.2"])
async def test_plain_channels_need_no_more_than_the_oldest_redis(
    binary: Binary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.services.redis.find_redis", lambda: binary)
    with own_redis() as old:
        assert old.version() < (7,)
        async with redis_node(old.url, "wz") as near, redis_node(old.url, "wz") as far:
            await far.follow()
            near.bus.publish(said(1))
            await far.until(lambda: far.heard == [said(1)])


async def test_a_cluster_that_answers_later_is_found(redis_7: None) -> None:
    port = free_port()
    async with redis_node(f"redis://127.0.0.1:{port}", "wz", replace(QUICK, sharded=True)) as node:
        assert not node.bus.healthy
        node.bus.publish(said(1))
        assert isinstance(node.bus, RedisBus)
        assert node.bus.counts["dropped_away"] == 1
        with own_redis(port=port):
            await node.follow()


async def test_a_room_whose_slot_moves_to_another_server_is_heard_there(
    redis_cluster: list[OwnRedis], redis_prefix: str
) -> None:
    from redis.crc import key_slot

    rooms = [RoomId(f"r{n}") for n in range(200)]
    by_slot = {key_slot(f"{{{room}}}".encode()): room for room in rooms}
    slot, room = next((slot, room) for slot, room in sorted(by_slot.items()) if slot < SLOTS // 3)
    old, new = redis_cluster[0], redis_cluster[1]
    options = replace(QUICK, sharded=True)
    async with AsyncExitStack() as stack:
        url = redis_cluster[2].url
        near, far = [await stack.enter_async_context(redis_node(url, redis_prefix, options)) for _ in range(2)]
        await far.follow(room)
        near.bus.publish(said(1, room))
        await far.until(lambda: far.heard == [said(1, room)])
        gaps = far.gaps
        await asyncio.to_thread(_move, slot, old, new, redis_cluster)
        try:
            await far.until(lambda: far.gaps > gaps)
            await far.until(lambda: near.bus.healthy and far.bus.healthy)

            def again() -> bool:
                near.bus.publish(said(2, room, Lane.DESK))
                return said(2, room, Lane.DESK) in far.heard

            await far.until(again)
        finally:
            await asyncio.to_thread(_move, slot, new, old, redis_cluster)


def _move(slot: int, source: OwnRedis, target: OwnRedis, members: list[OwnRedis]) -> None:
    """As an operator moves a slot that holds no keys."""
    number, source_id, target_id = str(slot), _id(source), _id(target)
    target.run("CLUSTER", "SETSLOT", number, "IMPORTING", source_id)
    source.run("CLUSTER", "SETSLOT", number, "MIGRATING", target_id)
    for member in (target, source, *(other for other in members if other not in (source, target))):
        member.run("CLUSTER", "SETSLOT", number, "NODE", target_id)


def _id(member: OwnRedis) -> str:
    told = member.run("CLUSTER", "MYID")
    return told.decode() if isinstance(told, bytes) else str(told)


def _publish(server: OwnRedis, channel: str, payload: bytes) -> None:
    server.run("PUBLISH", channel, payload)
