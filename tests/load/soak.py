"""The long run: many viewers in one room, a steady stream of approved questions, and a server that does not mind.

`make soak` runs it. Ten minutes by default: DURATION (seconds), VIEWERS and RATE (questions a second) change it. The
server is a process of its own; it fails if anybody was dropped, if the screen came late, or if memory grew.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop

from tests.client import Api, Live, guest, sign_in
from tests.load.viewers import Audience
from tests.services.server import ServerProcess
from wenzheng.rehearsal.latencies import Latencies

DURATION_S = float(os.environ.get("DURATION", "600"))
VIEWERS = int(os.environ.get("VIEWERS", "1000"))
RATE = float(os.environ.get("RATE", "5"))

# The ring of a lane keeps its newest 2,000 items: before they are full, growing memory says nothing. A short run has no
# time for that, and no time to see a leak either.
WARM = int(os.environ.get("WARM", "2200" if DURATION_S >= 300 else "0"))
WARM_RATE = 18.0

P99_MAX_MS = 500
# Between the second quarter of the run and the last.
GROWTH_MAX_MB = 4.0 if WARM else 12.0
SAMPLE_S = 2.0
# A netizen may post each ten seconds; so many of them are needed, and some to spare. A server lets in 300 a minute.
ASKERS = min(int(max(RATE, WARM_RATE if WARM else 0) * 15) + 5, 290)
SETTLE_S = 15.0
MB = 1024 * 1024


@dataclass
class Memory:
    """Samples of the server's resident memory in megabytes."""

    pid: int
    samples: list[float] = field(default_factory=list)

    async def watch(self) -> None:
        process = psutil.Process(self.pid)
        while True:
            self.samples.append(process.memory_info().rss / MB)
            await asyncio.sleep(SAMPLE_S)

    def quarters(self) -> tuple[float, float]:
        """The medians of the second and the last quarter."""
        size = max(len(self.samples) // 4, 1)
        return statistics.median(self.samples[size : 2 * size] or self.samples), statistics.median(self.samples[-size:])


async def ask(base: str, room: str, warm: asyncio.Event, stop: asyncio.Event) -> None:
    """Netizens in turn: each asks, and then again when the pace allows. First quickly, until the rings are full."""
    askers = [await guest(base, f"网民{number}") for number in range(ASKERS)]
    try:
        due = time.monotonic()
        for turn in itertools.count():
            asker = askers[turn % len(askers)]
            if turn == WARM:
                warm.set()
            body = {
                "cid": f"q{turn}",
                "kind": "question",
                "body": f"第{turn}问：{turn * 7919 % 104729}路公交怎么换乘地铁？",
            }
            await asker.post(f"/rooms/{room}/posts", body)
            with contextlib.suppress(TimeoutError):
                due += 1 / (RATE if warm.is_set() else WARM_RATE)
                await asyncio.wait_for(stop.wait(), max(due - time.monotonic(), 0.001))
            if stop.is_set():
                return
    finally:
        for asker in askers:
            await asker.close()


async def approve(base: str, room: str, moderator: Api, audience: Audience, stop: asyncio.Event) -> int:
    """A moderator who lets everything through as soon as it is there."""
    async with Live(base, token=moderator.token) as live:
        published = 0
        while not stop.is_set():
            pulled = (await live.ask("mod.pull", room=room, n=10))["posts"]
            for waiting in pulled:
                audience.approved[waiting["post"]] = time.monotonic()
                decided = await live.ask("mod.decide", post=waiting["post"], ver=waiting["ver"], verdict="publish")
                published += decided["state"] == "published"
            if not pulled:
                await asyncio.sleep(0.05)
        return published


async def soak(server: ServerProcess) -> dict[str, object]:
    host, moderator = await sign_in(server.base, "host"), await sign_in(server.base, "moderator1")
    room = await host.post("/rooms", {"title": "soak", "departments": ["price"], "open": True})
    audience = Audience(server.base, room["id"])
    came = time.monotonic()
    await audience.come(VIEWERS)
    came = time.monotonic() - came

    memory, warm, stop = Memory(server.pid), asyncio.Event(), asyncio.Event()
    process = psutil.Process(server.pid)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(ask(server.base, room["id"], warm, stop))
        approving = group.create_task(approve(server.base, room["id"], moderator, audience, stop))
        await warm.wait()
        warmed, audience.shown = audience.delivered // VIEWERS, Latencies()
        sampling = group.create_task(memory.watch())
        began, cpu = time.monotonic(), sum(process.cpu_times()[:2])
        while time.monotonic() - began < DURATION_S:
            await asyncio.sleep(min(30.0, DURATION_S - (time.monotonic() - began)) + 0.01)
            told = f"{time.monotonic() - began:5.0f} s  {audience.shown.count:>9} shown  "
            print(f"{told} p99 {audience.shown.percentile(0.99)} ms  {memory.samples[-1]:.0f} MB", flush=True)
        cpu = (sum(process.cpu_times()[:2]) - cpu) / (time.monotonic() - began)
        stop.set()
        await asking
        published = await approving - warmed
        head = (await host.get(f"/rooms/{room['id']}/events?lane=pub&after=0&limit=1"))["head"]
        deadline = time.monotonic() + SETTLE_S
        while audience.behind(head) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        sampling.cancel()
    behind = audience.behind(head)
    audience.go()
    await host.close()
    await moderator.close()
    second, last = memory.quarters()
    return {
        "duration_s": DURATION_S,
        "viewers": VIEWERS,
        "arrival_s": round(came, 1),
        "published": published,
        "published_per_s": round(published / DURATION_S, 2),
        "deliveries": audience.delivered,
        "p50_ms": audience.shown.percentile(0.5),
        "p99_ms": audience.shown.percentile(0.99),
        "max_ms": audience.shown.percentile(1.0),
        "server_cpu": round(cpu, 2),
        "rss_second_quarter_mb": round(second, 1),
        "rss_last_quarter_mb": round(last, 1),
        "behind": behind,
        "troubles": audience.troubles.total(),
        "first_troubles": audience.troubles.most_common(5),
    }


def verdict(found: dict[str, object]) -> list[str]:
    """What must not have happened."""
    second, last = float(str(found["rss_second_quarter_mb"])), float(str(found["rss_last_quarter_mb"]))
    faults = []
    if found["troubles"] or found["behind"]:
        faults.append("somebody was dropped, reset, left with a hole or left behind")
    if float(str(found["p99_ms"])) >= P99_MAX_MS:
        faults.append(f"approve to screen took longer than {P99_MAX_MS} ms")
    if float(str(found["published_per_s"])) < RATE * 0.9:
        faults.append("fewer were published than were meant to be")
    if last - second > GROWTH_MAX_MB:
        faults.append(f"memory grew by {last - second:.1f} MB")
    return faults


def main() -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder), "--demo").start()
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                found = runner.run(soak(server))
        finally:
            code = server.stop()
    faults = verdict(found) + ([f"the server ended with {code}"] if code else [])
    print(json.dumps(found, ensure_ascii=False, indent=2))
    print("\n".join(faults) or "passed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
