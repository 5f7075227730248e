"""CPU for each hint a node hears: our ear and inbox beside the library's `get_message`, in one run, and its decoding.

`python -m bench.hints [rounds]` prints one JSON line; a Redis of its own, or WENZHENG_TEST_REDIS_URL. Another process
publishes, so that only reading is measured; the two take turns. `burst`: as many as there are, as after a storm;
`single`: one at a time, each with its own turn of the loop. Microseconds, the median of the rounds, and the ratios.
Exit code 1 if that of a burst is above what is wanted.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgpack
import redis
import uvloop
from redis.asyncio import Redis as Library

from gateway.bus_ear import Ear, Ways
from gateway.bus_inbox import Inbox
from gateway.hint_codec import HintCodec
from gateway.redis_line import RedisLine
from gateway.redis_link import RedisLink
from kernel.ids import RoomId
from kernel.tasks import spawn
from rooms.model import Lane
from rooms.ports import Hint
from tests.services.redis import fresh_prefix, start_redis

ROUNDS: Final = 15
BURST: Final = 2_000
SINGLE: Final = 300
# Between two of those that come one at a time.
PAUSE_S: Final = 0.001
# One microsecond where the library takes eight.
WANTED: Final = 0.125
LIMIT_S: Final = 60.0
_SCRIPT: Final = "for n = 1, tonumber(ARGV[3]) do redis.call('PUBLISH', ARGV[1], ARGV[2]) end"
_ROOM: Final = RoomId("room")


def hint(number: int) -> Hint:
    """A question as netizens ask it."""
    body = "三号线最后一班车能不能再晚半小时？下夜班的人赶不上。" * 2
    by = {"name": "小满", "role": "netizen"}
    item = {"s": number, "k": "msg", "id": f"01HZX{number:021d}", "at": 1_795_000_000_000, "q": f"01HZX{number:021d}"}
    return Hint(
        _ROOM, Lane.PUB, "e5f1", number, number, [{**item, "kind": "question", "by": by, "body": body, "ver": 1}]
    )


class Ours:
    """The ear and the inbox of a node, and behind them somebody who only counts."""

    def __init__(self, link: RedisLink, channel: str) -> None:
        self.ready = asyncio.Event()
        self._left = 0
        self._all = asyncio.Event()
        self._inbox = Inbox(self._count, lambda: None, Counter())
        ways = Ways(
            lambda: RedisLine(link), lambda: f"{channel}-own", self._inbox.put, self._say, self.ready.set, lambda: None
        )
        self._ear = Ear(ways, "", probe_s=LIMIT_S, answer_s=LIMIT_S, counts=Counter())
        self._ear.want({(channel,)})
        self._tasks = [spawn(self._inbox.run(), name="inbox"), spawn(self._ear.run(), name="ear")]

    async def hear(self, messages: int) -> None:
        self._left = messages
        self._all.clear()
        await self._all.wait()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _count(self, channel: bytes, payload: bytes) -> None:
        self._left -= 1
        if not self._left:
            self._all.set()

    def _say(self, channel: str, payload: bytes) -> None:
        """Its own word is not what is measured."""


async def measured(url: str, rounds: int) -> dict[str, dict[str, list[float]]]:
    """CPU of the reading thread for each message, in microseconds, by regime and reader."""
    prefix = fresh_prefix()
    library = Library.from_url(url)
    bare = library.pubsub()
    ours = Ours(RedisLink(url, prefix), f"{prefix}-ours")
    await bare.subscribe(f"{prefix}-bare")
    await bare.get_message(timeout=None)
    await ours.ready.wait()
    await asyncio.sleep(0.1)

    async def library_hears(messages: int) -> None:
        for _ in range(messages):
            await bare.get_message(timeout=None)

    taken: dict[str, dict[str, list[float]]] = {"burst": {}, "single": {}}
    with _publisher(url) as publish:
        for _ in range(rounds):
            for regime, messages, at_once in (("burst", BURST, BURST), ("single", SINGLE, 1)):
                for name, hear in (("ours", ours.hear), ("bare", library_hears)):
                    began = time.thread_time_ns()
                    publish(f"{prefix}-{name}", messages, at_once)
                    await hear(messages)
                    taken[regime].setdefault(name, []).append((time.thread_time_ns() - began) / messages / 1_000)
    ours.close()
    await bare.aclose()  # type: ignore[no-untyped-call]
    await library.aclose()
    return taken


@contextmanager
def _publisher(url: str) -> Iterator[Callable[[str, int, int], None]]:
    """A process that publishes so many to a channel, so many at once, when told to."""
    words = (sys.executable, "-m", "bench.hints", "publish", url)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        said, heard = process.stdin, process.stdout
        assert said is not None
        assert heard is not None
        heard.readline()
        yield lambda channel, messages, at_once: print(channel, messages, at_once, file=said)
        said.close()


def publisher(url: str) -> None:
    client, payload = redis.Redis.from_url(url), HintCodec(b"s" * 32).encode(hint(1))
    client.ping()
    print("ready", flush=True)
    for line in sys.stdin:
        channel, messages, at_once = line.split()
        for _ in range(int(messages) // int(at_once)):
            client.eval(_SCRIPT, 0, channel, payload, at_once)
            time.sleep(PAUSE_S)


def decoding(rounds: int) -> dict[str, float]:
    """A hint that has been read, to the hint that is told; and what is in it whatever one does."""
    sender, receiver = HintCodec(b"s" * 32), HintCodec(b"s" * 32)
    taken: dict[str, list[float]] = {"encode": [], "decode": [], "sign": [], "unpack": []}
    for number in range(rounds):
        hints = [hint(BURST * number + n) for n in range(BURST)]
        payloads = _timed(taken["encode"], sender.encode, hints)
        heads = [(payload[:17], payload[49:]) for payload in payloads]
        _timed(taken["decode"], lambda payload: receiver.decode(_ROOM, Lane.PUB, payload), payloads)
        _timed(taken["sign"], lambda cut: receiver._sign(_ROOM, Lane.PUB, *cut), heads)
        _timed(taken["unpack"], lambda cut: msgpack.unpackb(cut[1]), heads)
    return {name: round(statistics.median(times), 2) for name, times in taken.items()}


def _timed(times: list[float], work: Callable[[Any], Any], rows: Sequence[Any]) -> list[Any]:
    began = time.thread_time_ns()
    done = [work(row) for row in rows]
    times.append((time.thread_time_ns() - began) / len(rows) / 1_000)
    return done


def compared(rounds: int) -> dict[str, Any]:
    with start_redis() as server:
        taken = uvloop.run(asyncio.wait_for(measured(server.url, rounds), LIMIT_S))
    cpu = {
        regime: {name: round(statistics.median(times), 2) for name, times in by_reader.items()}
        for regime, by_reader in taken.items()
    }
    ratios = {f"ratio_{regime}": round(us["ours"] / us["bare"], 2) for regime, us in cpu.items()}
    answer = {"bench": "hints", "bytes": len(HintCodec(b"s" * 32).encode(hint(1))), "read_us": cpu, **ratios}
    reached = ratios["ratio_burst"] <= WANTED
    return {**answer, "codec_us": decoding(rounds), "wanted_burst": WANTED, "reached": reached}


def main(words: list[str]) -> int:
    if words[:1] == ["publish"]:
        publisher(words[1])
        return 0
    answer = compared(int(words[0]) if words else ROUNDS)
    print(json.dumps(answer), flush=True)
    return 0 if answer["reached"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
