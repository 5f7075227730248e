"""Durable posts a second on the product's own way of a post, commits shared by up to 64 posts beside one post a commit.

Fifty netizens at sockets ask one question after the other, each when the last is answered; the same server, driver,
database and run. `python -m bench.posting [posts]` prints a JSON line for each store. Where both processes share the
processors, seconds of the server's own processor time are the fair measure: `per_cpu_s`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from bench.serving import Measured, serving
from bench.store import POSTGRES_URL
from persistence.streams import BATCH_MAX
from tests.client import Live, guest, sign_in
from tests.services.postgres import own_server

POSTS = 3_000
POSTERS = 50
WARM = 200
# One commit each takes its time, and a rate needs no more.
SINGLE_SHARE = 5
# Of the wall, or per second of the processor where that is the limit.
WANTED = {"sqlite": 4.0, "postgresql": 3.0}


async def rate(server: Measured, posts: int) -> dict[str, float]:
    """What the server did in one run: posts a second of the wall and of its processor, and what one of them cost."""
    base = f"http://127.0.0.1:{server.port}"
    host = await sign_in(base, "host")
    room = (await host.post("/rooms", {"title": "bench", "departments": ["price"], "open": True}))["id"]
    people = [await guest(base, f"网民{n}") for n in range(POSTERS)]
    posters = [await Live(base, token=one.token, codec="msgpack").start() for one in people]
    run = uuid4().hex[:8]

    async def post(count: int) -> None:
        waiting = iter(range(count))

        async def one(poster: Live) -> None:
            for n in waiting:
                body = f"第{n}问：{n * 7919 % 104729}路公交怎么换乘地铁？老人和学生有没有优惠？"
                await poster.post(room, f"{run}-{count}-{n}", "question", body)

        await asyncio.gather(*map(one, posters))

    try:
        await post(WARM)
        cpu, began = server.cpu(), time.perf_counter()
        await post(posts)
        wall, used = time.perf_counter() - began, server.cpu() - cpu
    finally:
        for poster in posters:
            await poster.stop()
        for api in (host, *people):
            await api.close()
    return {"per_s": round(posts / wall), "per_cpu_s": round(posts / used), "busy": round(used / wall, 2)}


def compared(name: str, urls: Iterator[str], posts: int) -> dict[str, object]:
    found = {}
    for batch_max, count in ((BATCH_MAX, posts), (1, posts // SINGLE_SHARE)):
        with tempfile.TemporaryDirectory() as folder:
            words = ("bench.posting_server", next(urls), str(batch_max), folder)
            with serving(*words) as server:
                found[batch_max] = asyncio.run(rate(server, count))
    grouped, single = found[BATCH_MAX], found[1]
    ratios = {f"ratio_{key}": round(grouped[key] / single[key], 1) for key in ("per_s", "per_cpu_s")}
    answer = {"bench": "posting", "store": name, "posters": POSTERS, "grouped": grouped, "single": single, **ratios}
    return {**answer, "wanted": WANTED[name], "reached": max(ratios.values()) >= WANTED[name]}


@contextmanager
def sqlite_files() -> Iterator[Iterator[str]]:
    # Beside the checkout, not in memory: a commit there would cost nothing and prove nothing.
    folder = tempfile.mkdtemp(prefix=".bench-", dir=Path(__file__).resolve().parents[1])
    try:
        yield (f"sqlite:///{folder}/{n}.db" for n in range(9))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_databases() -> Iterator[Iterator[str]]:
    """On the server that was given, or on one of our own whose commits are as durable as its defaults make them."""
    given = os.environ.get(POSTGRES_URL)
    if given:
        yield iter([given] * 9)
        return
    with own_server("fsync=on", "full_page_writes=on") as server:
        yield (server.postgres.create_database("template1") for _ in range(9))


def main() -> None:
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else POSTS
    with sqlite_files() as urls:
        print(json.dumps(compared("sqlite", urls, posts)), flush=True)
    with postgres_databases() as urls:
        print(json.dumps(compared("postgresql", urls, posts)), flush=True)


if __name__ == "__main__":
    main()
