"""A busy room on a slow phone: 20 items a second into an open page, `python -m tests.load.room_page [seconds]`.

What one task of the page's main thread costs is its processor time, slowed as asked: what the rest of the machine does
meanwhile would otherwise decide whether this passes.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.client import Api, sign_in
from tests.e2e.people import PHONE, chromium, person
from tests.e2e.watching import watch
from tests.services.server import ServerProcess

PER_SECOND = 20
SLOWED = 6
LONGEST_TASK_MS = 200
MOST_NODES = 3_000
# Where the eyes rest: the first row that is whole below the middle of the screen.
PLACE = """
() => {
  const rows = [...document.querySelectorAll('[role=log] > [data-row]')]
  const row = window.held ?? (window.held = rows.find((one) => one.getBoundingClientRect().top > innerHeight / 2))
  return row.isConnected ? row.getBoundingClientRect().top : 1e6
}
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    sent: int
    longest_task_ms: float
    most_nodes: int
    moved_px: float


async def busy_room(base: str, *, opening: int) -> tuple[Api, str]:
    host = await sign_in(base, "host")
    room = await host.post("/rooms", {"title": "满座的一场", "departments": ["price"], "open": True})
    for n in range(opening):
        await host.post(f"/rooms/{room['id']}/posts", notice(n))
    return host, str(room["id"])


def notice(n: int) -> dict[str, str]:
    return {
        "cid": f"busy-{n}",
        "kind": "notice",
        "body": f"第 {n} 条。" + "票价按里程计算，换乘不另收费。" * (1 + n % 4),
    }


async def pour_and_look(page: Page, pouring: Coroutine[Any, Any, int]) -> tuple[int, float, int]:
    over = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        looked = tasks.create_task(look(page, over))
        sent = await pouring
        over.set()
    return (sent, *looked.result())


async def pour(host: Api, room: str, numbers: Iterator[int], seconds: float) -> int:
    """At an even pace; what the server took longer for is caught up."""
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        due = int(passed * PER_SECOND) + 1 - sent
        await asyncio.gather(*(host.post(f"/rooms/{room}/posts", notice(next(numbers))) for _ in range(due)))
        sent += due
        await asyncio.sleep(max(0.0, began + sent / PER_SECOND - time.monotonic()))
    return sent


async def look(page: Page, over: asyncio.Event) -> tuple[float, int]:
    """How far the reader's place moved, and how many nodes there were at most."""
    at = await page.evaluate(PLACE)
    moved, nodes = 0.0, 0
    while not over.is_set():
        moved = max(moved, abs(await page.evaluate(PLACE) - at))
        nodes = max(nodes, int(await page.evaluate("document.querySelectorAll('*').length")))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), timeout=0.5)
    return moved, nodes


async def run(browser: Browser, base: str, seconds: float) -> Outcome:
    """Half of the time somebody reads in the middle, half of it somebody watches at the top."""
    host, room = await busy_room(base, opening=40)
    reader = await person(browser, base, **PHONE)
    watched = await watch(reader.page)
    page = reader.page
    await reader.go(f"/rooms/{room}")
    await page.wait_for_selector("#stream [role=log]")
    await page.evaluate("window.scrollTo(0, 1500)")
    await watched.cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    numbers = itertools.count(40)
    await browser.start_tracing(page=page, categories=["toplevel"])
    poured, moved, nodes = await pour_and_look(page, pour(host, room, numbers, seconds / 2))
    await page.evaluate("window.held = undefined")
    await page.click(".pill")
    await page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    more, _, others = await pour_and_look(page, pour(host, room, numbers, seconds / 2))
    await page.get_by_text(f"第 {39 + poured + more} 条。").first.wait_for(timeout=60_000)
    trace = json.loads(await browser.stop_tracing())
    longest = longest_task(trace["traceEvents"])
    await reader.context.close()
    await host.close()
    return Outcome(poured + more, longest, max(nodes, others), moved)


def longest_task(events: list[dict[str, Any]]) -> float:
    """In milliseconds of processor time, on the main threads of pages."""
    mains = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    tasks = (one for one in events if one["name"].endswith("RunTask") and (one["pid"], one["tid"]) in mains)
    return max((one.get("tdur", one.get("dur", 0)) / 1000 for one in tasks), default=0.0)


async def main(seconds: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder), "--demo").start()
        try:
            async with chromium() as browser:
                outcome = await run(browser, server.base, seconds)
        finally:
            server.stop()
    sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
    held = outcome.longest_task_ms <= LONGEST_TASK_MS and outcome.most_nodes <= MOST_NODES and outcome.moved_px < 2
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60)))
