"""`make soak`: 1,000 viewers in one room at 5 published items a second, for ten minutes; figures, and a verdict.

    python -m tests.load.soak [--viewers 1000] [--rate 5] [--seconds 600] [--settings KEY=VALUE …]

The server and the audience are processes of their own. Every item goes the whole way: a netizen asks, a moderator pulls
and approves it, every viewer gets it; the time counted is from the sending of the approval to the viewer's screen.
Fails when a viewer was dropped or missed a number, the 99th percentile is 500 ms or more, or memory keeps growing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.client import Live, guest, sign_in
from tests.load.audience import Tally, seat
from tests.services.server import ServerProcess

APPROVE_TO_SCREEN_P99_MS = 500.0
# What an allocator may wander over ten minutes without anything leaking.
GROWTH_KIB_PER_MINUTE = 256.0
# The start fills caches and rings: memory is judged after it.
SETTLING_S = 60.0
# A netizen may post 5 at once and then one each 10 s: enough of them for the rate, with some to spare.
POST_EVERY_S = 12.0


@dataclass
class Run:
    """What was sent when, and how the server's memory went."""

    approved_at: dict[int, float] = field(default_factory=dict)  # seq -> when the approval was sent
    memory_kib: list[tuple[float, int]] = field(default_factory=list)
    asked: int = 0


def resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("no VmRSS: this run needs Linux")


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def slope_per_minute(points: list[tuple[float, int]]) -> float:
    """Least squares, KiB a minute."""
    if len(points) < 3:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return 60 * sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


async def ask_on(askers: list[Live], room: str, rate: float, until: float, run: Run) -> None:
    started = time.monotonic()
    for n in range(10**9):
        wait = started + n / rate - time.monotonic()
        await asyncio.sleep(max(0.0, wait))
        if time.monotonic() > until:
            return
        body = f"第 {n} 问：{n % 97} 路车在第 {n % 31} 站的换乘怎么走？夜间班次 {n * 7919 % 100_003} 会增加吗？"
        await askers[n % len(askers)].post(room, f"s{n}", "question", body)
        run.asked += 1


async def approve_on(moderator: Live, room: str, until: float, run: Run) -> None:
    while time.monotonic() < until + 2:
        pulled = await moderator.ask("mod.pull", room=room, n=5)
        for waiting in pulled["posts"]:
            sent = time.monotonic()
            decided = await moderator.ask("mod.decide", post=waiting["post"], ver=waiting["ver"], verdict="publish")
            run.approved_at[decided["seq"]] = sent
        if not pulled["posts"]:
            await asyncio.sleep(0.02)


async def watch_memory(pid: int, until: float, run: Run) -> None:
    started = time.monotonic()
    while time.monotonic() < until:
        run.memory_kib.append((time.monotonic() - started, resident_kib(pid)))
        await asyncio.sleep(5)


async def soak(server: ServerProcess, viewers: int, rate: float, seconds: float) -> dict[str, Any]:
    host = await sign_in(server.base, "host")
    room = (await host.post("/rooms", {"title": "长跑", "departments": ["metro"], "open": True}))["id"]
    moderator = await Live(server.base, token=(await sign_in(server.base, "moderator1")).token).start()
    askers = []
    for n in range(max(2, int(rate * POST_EVERY_S))):
        askers.append(await Live(server.base, token=(await guest(server.base, f"网民{n}")).token).start())
    tally, run = Tally(), Run()
    audience = await seat(server.base, room, viewers, tally)
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as work:
        work.create_task(ask_on(askers, room, rate, until, run))
        work.create_task(approve_on(moderator, room, until, run))
        work.create_task(watch_memory(server.pid, until, run))
    last = max(run.approved_at)
    async with asyncio.timeout(10):
        while len(tally.seen_at.get(last, ())) < viewers - tally.lost:
            await asyncio.sleep(0.05)
    waits = [
        (seen - run.approved_at[seq]) * 1000
        for seq, moments in tally.seen_at.items()
        if seq in run.approved_at
        for seen in moments
    ]
    tally.closing = True
    for viewer in audience:
        if viewer.transport is not None:
            viewer.transport.close()
    for client in (moderator, *askers):
        await client.stop()
    settled = [point for point in run.memory_kib if point[0] >= min(SETTLING_S, seconds / 3)]
    return {
        "viewers": viewers,
        "seconds": seconds,
        "published": len(run.approved_at),
        "published_per_s": round(len(run.approved_at) / seconds, 2),
        "delivered": tally.delivered,
        "missing": len(run.approved_at) * viewers - len(waits),
        "dropped": tally.lost,
        "faults": tally.faults[:5],
        "approve_to_screen_ms": {
            "p50": round(percentile(waits, 0.5), 1),
            "p99": round(percentile(waits, 0.99), 1),
            "max": round(max(waits), 1),
        },
        "memory_kib": {"first": settled[0][1], "last": settled[-1][1], "peak": max(kib for _, kib in run.memory_kib)},
        "memory_kib_per_minute": round(slope_per_minute(settled), 1),
    }


def verdict(figures: dict[str, Any]) -> list[str]:
    """What falls short; empty when all holds."""
    short = []
    if figures["dropped"] or figures["missing"] or figures["faults"]:
        short.append("somebody was dropped or missed something")
    if figures["approve_to_screen_ms"]["p99"] >= APPROVE_TO_SCREEN_P99_MS:
        short.append("approve-to-screen p99 is not under 500 ms")
    if figures["memory_kib_per_minute"] > GROWTH_KIB_PER_MINUTE:
        short.append("memory keeps growing")
    return short


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("DURATION", "600")))
    parser.add_argument("--settings", nargs="*", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = dict(pair.split("=", 1) for pair in asked.settings)
        server = ServerProcess(Path(folder), "--demo", settings=settings).start()
        try:
            figures = asyncio.run(soak(server, asked.viewers, asked.rate, asked.seconds))
        finally:
            code = server.stop()
    figures["server_exit_code"] = code
    sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=2) + "\n")
    short = verdict(figures)
    for sentence in short:
        sys.stderr.write(f"soak: {sentence}\n")
    return 1 if short or code else 0


if __name__ == "__main__":
    sys.exit(main())
