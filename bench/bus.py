"""From a commit on one node to bytes in a viewer's socket on another, beside a bare PUBLISH → receive, in one run.

`python -m bench.bus [messages]` prints one JSON line; a Redis of its own, or WENZHENG_TEST_REDIS_URL. The two take
turns, so that whatever burdens the machine burdens both; the ratios are the result. Exit code 1 if that of the 99th
percentile is above what is wanted.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import tempfile
import time
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import uvloop
from redis.asyncio import Redis

from bench.store import post, room_of
from gateway.bus_redis import RedisBus
from gateway.live.framing import Framing
from gateway.redis_link import RedisLink
from kernel.clock import SystemClock
from kernel.ids import MonotonicIds, PostId, RoomId
from persistence.migrate import migrate
from persistence.store import Store, open_store
from rooms.audience import Listener
from rooms.entrance import enter, prepare
from rooms.hub import Hub, HubOptions
from rooms.model import Lane
from rooms.ports import Hint
from rooms.timers import LoopScheduler
from tests.services.redis import fresh_prefix, start_redis

MESSAGES: Final = 500
# The first ones warm connections, caches and code, and count for nothing.
WARM: Final = 50
# Between messages: what is measured is one on its way, not how many fit.
PAUSE_S: Final = 0.005
WANTED: Final = 3.0
# Nobody finds anything but by hints.
PROBE_S: Final = 3_600.0
LIMIT_S: Final = 120.0
_RANGE: Final = re.compile(rb'"a":(\d+),"b":(\d+)')


class Wire:
    """The socket of a viewer that takes everything; remembers when each item was handed to the kernel."""

    codec = "json"
    writable = True
    unsent = 0

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self.written: list[int] = []

    def write(self, framed: bytes, /) -> None:
        self._ours.send(framed)
        now = time.monotonic_ns()
        # Several may come in one write, and heartbeats between them.
        for first, last in _RANGE.findall(framed):
            self.written += [now] * (int(last) - int(first) + 1)
        self._theirs.recv(len(framed))

    def close(self, code: int, reason: str = "") -> None:
        self._ours.close()


async def far(url: str, store_url: str, prefix: str, room: RoomId, messages: int) -> None:
    """The other node: one viewer in the room, and a bare subscription beside it. Answers times by message."""
    async with AsyncExitStack() as stack:
        store, bus = await _node(stack, url, store_url, prefix)
        hub = Hub(store, bus, Framing(), SystemClock(), LoopScheduler(), HubOptions(probe_s=PROBE_S))
        hub.start()
        stack.callback(hub.close)
        wire = Wire()
        listener = Listener(wire)
        async with hub.hosting(room) as hosted:
            enter(hub, hosted, listener, await prepare(hub, hosted, listener, [Lane.PUB], 50, {}))
        bare = Redis.from_url(url).pubsub()
        stack.push_async_callback(bare.aclose)
        await bare.subscribe(f"{prefix}-bare")
        await bare.get_message(timeout=None)
        while bus.counts["gaps"] < 2:  # that of its own channel, and that of the room
            await asyncio.sleep(PAUSE_S)
        print("ready", flush=True)
        heard: list[int] = []
        while len(heard) < messages:
            await bare.get_message(timeout=None)
            heard.append(time.monotonic_ns())
        while len(wire.written) < messages:
            await asyncio.sleep(PAUSE_S)
        print(json.dumps({"bare": heard, "bus": wire.written}), flush=True)


async def near(url: str, store_url: str, prefix: str, messages: int) -> dict[str, Any]:
    """The node where people post. Each answer is in nanoseconds, by message."""
    async with AsyncExitStack() as stack:
        store, bus = await _node(stack, url, store_url, prefix)
        committed: list[int] = []

        def publish(hints: list[Hint]) -> None:
            committed.append(time.monotonic_ns())
            for hint in hints:
                bus.publish(hint)

        ids = MonotonicIds()
        room = await room_of(store, ids)
        store.on_commit(publish)
        bare = Redis.from_url(url)
        stack.push_async_callback(bare.aclose)
        words = (sys.executable, "-m", "bench.bus", "far", url, store_url, prefix, room, str(messages))
        other = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, limit=2**24)
        stack.callback(_ended, other)
        assert other.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            await other.stdout.readline()
            said: list[int] = []
            for number in range(messages):
                said.append(time.monotonic_ns())
                await bare.publish(f"{prefix}-bare", b"x" * 500)
                await asyncio.sleep(PAUSE_S)
                await store.commit(post(PostId(ids()), room, f"{number}"))
                await asyncio.sleep(PAUSE_S)
            told = json.loads(await other.stdout.readline())
            await other.wait()
    return {
        "bare": [end - begin for begin, end in zip(said, told["bare"], strict=True)][WARM:],
        "bus": [end - begin for begin, end in zip(committed, told["bus"], strict=True)][WARM:],
    }


async def _node(stack: AsyncExitStack, url: str, store_url: str, prefix: str) -> tuple[Store, RedisBus]:
    store = await open_store(store_url)
    stack.push_async_callback(store.close)
    bus = RedisBus(RedisLink(url, prefix), await store.deployment_secret())
    await bus.start()
    stack.push_async_callback(bus.close)
    return store, bus


def _ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()


def compared(messages: int) -> dict[str, Any]:
    # Beside the checkout, not in memory: a commit there would cost nothing.
    root = Path(__file__).resolve().parents[1]
    with start_redis() as redis, tempfile.TemporaryDirectory(prefix=".bench-", dir=root) as folder:
        store_url = f"sqlite:///{folder}/bench.db"
        migrate(store_url)
        taken = uvloop.run(near(redis.url, store_url, fresh_prefix(), messages + WARM))
    percentiles = {
        f"p{percent}": {name: _at(times, percent) for name, times in taken.items()} for percent in (50, 90, 99)
    }
    ratios = {f"ratio_{name}": round(at["bus"] / at["bare"], 1) for name, at in percentiles.items()}
    answer = {"bench": "bus", "messages": messages, "us": percentiles, **ratios}
    return {**answer, "wanted_p99": WANTED, "reached": ratios["ratio_p99"] <= WANTED}


def _at(times: list[int], percent: int) -> int:
    """Microseconds."""
    return sorted(times)[len(times) * percent // 100] // 1_000


def main(words: list[str]) -> int:
    if words[:1] == ["far"]:
        uvloop.run(far(words[1], words[2], words[3], RoomId(words[4]), int(words[5])))
        return 0
    answer = compared(int(words[0]) if words else MESSAGES)
    print(json.dumps(answer), flush=True)
    return 0 if answer["reached"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
