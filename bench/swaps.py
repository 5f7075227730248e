"""What a change of the word list costs those who post meanwhile: one term of 100,000, and 100,000 at once.

A server on a core of its own, netizens who ask at a steady pace; before the change, and from the change until it is in
force and a while longer. `python -m bench.swaps` prints a JSON line for each change.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.machine import ROOT
from bench.product import Product, product, question
from tests.client import Live

TERMS = 100_000
PER_S = 40
POSTERS = 20
# Long enough for a percentile of the quiet time, and for whatever comes after a change.
BEFORE_S, AFTER_S = 8.0, 4.0


def terms(seed: int) -> str:
    """Of common characters, two to six each: as a city's own list would be."""
    chance = random.Random(seed)
    common = [chr(0x4E00 + number) for number in range(3000)]
    return "".join("".join(chance.choices(common, k=chance.randint(2, 6))) + "\n" for _ in range(TERMS))


class Asking:
    """Questions at a steady pace, whatever becomes of those before; how long each took, in milliseconds."""

    def __init__(self, served: Product, room: str, people: list[Live]) -> None:
        self._served, self._room, self._people = served, room, people
        self._numbers = 0
        self.took: list[float] = []

    async def for_as_long_as(self, going: Callable[[], bool]) -> list[float]:
        self.took = []
        began, sent, under_way = time.perf_counter(), 0, set[asyncio.Task[None]]()
        async with asyncio.TaskGroup() as group:
            while going():
                under_way.add(group.create_task(self._one()))
                sent += 1
                await asyncio.sleep(max(0.0, began + sent / PER_S - time.perf_counter()))
        return sorted(self.took)

    async def _one(self) -> None:
        self._numbers += 1
        number = self._numbers
        began = time.perf_counter()
        await self._people[number % POSTERS].post(self._room, f"swap-{number}", "question", question(number))
        self.took.append((time.perf_counter() - began) * 1000)


async def swapped(served: Product, asking: Asking, change: Callable[[], Awaitable[int]]) -> dict[str, float]:
    quiet_until = time.perf_counter() + BEFORE_S
    before = await asking.for_as_long_as(lambda: time.perf_counter() < quiet_until)
    done = asyncio.Event()
    in_force = 0.0

    async def made() -> None:
        nonlocal in_force
        number = await change()
        began = time.perf_counter()
        while True:
            items = (await asyncio.to_thread(served.call, "GET", "/wordlists", served.moderator))["items"]
            if items and items[0]["in_force"] == number:
                break
            await asyncio.sleep(0.05)
        in_force = time.perf_counter() - began
        await asyncio.sleep(AFTER_S)
        done.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(made())
        during = await asking.for_as_long_as(lambda: not done.is_set())
    return {
        "in_force_s": round(in_force, 2),
        "p99_before_ms": round(at(before, 0.99), 1),
        "p99_during_ms": round(at(during, 0.99), 1),
        "longest_during_ms": round(during[-1], 1),
        "ratio_p99": round(at(during, 0.99) / at(before, 0.99), 1),
    }


def at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def measure(served: Product, folder: Path) -> None:
    room = served.room()
    people = [await Live(served.server.base, token=token).start() for token in served.guests()[:POSTERS]]
    asking = Asking(served, room, people)

    async def import_file(seed: int) -> int:
        """As an operator does, beside the server: what it costs them is not what is measured."""
        file = folder / f"{seed}.txt"
        file.write_text(terms(seed), encoding="utf-8")
        words = [sys.executable, "-m", "wenzheng", "moderation", "words", "import", str(file), "--reason", "bench"]
        environment = {"PYTHONPATH": str(ROOT), "WENZHENG_DATA_DIR": str(served.server.data)}
        ended = await asyncio.to_thread(
            subprocess.run, words, env=environment, cwd=folder, check=True, capture_output=True
        )
        return int(ended.stdout.split(b" v")[1].split()[0])

    async def one_term() -> int:
        heads = await asyncio.to_thread(served.call, "GET", "/wordlists", served.moderator)
        body = {"based_on": heads["items"][0]["number"], "reason": "bench", "put": "新出现的词\n"}
        told = await asyncio.to_thread(served.call, "POST", "/wordlists/city/versions", served.moderator, body)
        return int(told["number"])

    try:
        for name, change in (
            ("100,000 terms where there were none", lambda: import_file(1)),
            ("one term of 100,000", one_term),
            ("100,000 other terms", lambda: import_file(2)),
        ):
            found = await swapped(served, asking, change)
            print(
                json.dumps({"bench": "swaps", "change": name, "per_s": PER_S, **found}, ensure_ascii=False), flush=True
            )
    finally:
        for one in people:
            await one.stop()


def main() -> None:
    with product() as served, TemporaryDirectory() as folder:
        asyncio.run(measure(served, Path(folder)))


if __name__ == "__main__":
    main()
