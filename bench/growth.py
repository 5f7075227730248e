"""How the costs grow: with viewers, with rooms, with the length of a record, with nodes; beside the floor.

`make bench ARGS=growth` prints the tables and writes them to `bench/results/growth.md`. With `quick` it ends after two
minutes and shows that it runs. Every figure is processor time of the server's processes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from bench.contenders import Approvals, Contender
from bench.crowd import Answer
from bench.fanout import MODERATORS, PUBLISHED_PER_S, per_item
from bench.floor import floor
from bench.lines import shown
from bench.machine import HERE, cores, cpu_seconds, descriptors, on_core, resident_kib
from bench.posting import postgres_databases
from bench.product import Product, product
from bench.record import fill
from bench.run import Run
from bench.scattered import Scattered
from bench.visits import cost_us
from tests.services.redis import own_redis

VIEWERS = (100, 1_000, 5_000, 10_000, 19_000)
ROOMS = (1, 10, 100, 1_000)
ITEMS = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
NODES = (1, 2, 4)
SCATTERED = 1_000
NOTICES = 200
# What is measured for a while, and after a while.
IDLE_S, SETTLE_S = 5.0, 2.0
JOINS = 300

Table = tuple[str, Sequence[str], list[list[str]]]


def viewers(run: Run) -> Table:
    most = descriptors() - 500
    rows = []
    with ExitStack() as stack:
        served = stack.enter_context(product())
        room = served.room()
        ours = Contender("product", stack.enter_context(served.crowd(room)), Approvals(served, room))
        base = Contender("floor", stack.enter_context(floor()))
        ours.crowd.publishers(MODERATORS)
        for count in [min(count, most) for count in (VIEWERS[:2] if run.quick else VIEWERS)]:
            run.say(f"{count:,} viewers")
            came = ours.crowd.open(count)
            base.crowd.open(count)
            for one in (base, ours):
                one.prepare(int(PUBLISHED_PER_S * run.seconds))
                # The floor joins nothing: more under way would only wait in its sockets.
                one.take(f"full {count}", one.crowd.closed(MODERATORS if one is ours else 4, run.seconds))
                one.prepare(20)
                one.take(f"late {count}", one.crowd.rate(2, 4))
            full, late = _newest(ours, f"full {count}"), _newest(ours, f"late {count}")
            rows.append(
                [
                    f"{count:,}",
                    shown(came["cpu_us"]),
                    shown(per_item(full)),
                    shown(full["delivered"] / full["writes"]),
                    shown(per_item(_newest(base, f"full {count}"))),
                    shown(late["p99_ms"]),
                    shown(_newest(base, f"late {count}")["p99_ms"]),
                ]
            )
    heads = (
        "viewers of one room",
        "one comes, µs",
        "one item on one screen, µs",
        "items joined in a message",
        "floor: one item on one screen, µs",
        "p99 at 2 items/s, ms",
        "floor's p99, ms",
    )
    return "Viewers", heads, rows


def rooms(run: Run) -> Table:
    """A thousand viewers in all, however many rooms they are in."""
    rows = []
    for count in ROOMS[:2] if run.quick else ROOMS:
        run.say(f"{count:,} rooms")
        with product() as served:
            before = resident_kib(served.pid)
            ids = [served.room() for _ in range(count)]
            with Scattered(served.server.port, [ids[n % count] for n in range(SCATTERED)]) as audience:
                _rest(audience, SETTLE_S)
                memory = (resident_kib(served.pid) - before) / count
                idle = _cpu_of(served, lambda: _rest(audience, IDLE_S)) / IDLE_S
                cost = _cpu_of(served, lambda: _announce(served, audience, ids))  # noqa: B023 - done at once
        rows.append(
            [f"{count:,}", shown(idle * 1e3), shown(cost / NOTICES * 1e6), f"{SCATTERED // count}", shown(memory)]
        )
    heads = (
        "rooms followed",
        "at rest, ms of a second",
        "one notice, µs",
        "on so many screens",
        "memory of a room and its viewers, KiB",
    )
    return "Rooms", heads, rows


def record(run: Run) -> Table:
    sizes = ITEMS[:4] if run.quick else ITEMS
    rows = []
    with product() as served:
        ids = {size: served.room() for size in sizes}
        for size, room in ids.items():
            served.publish(room, min(size, 100))
        served.server.stop()
        for mark, (size, room) in enumerate(ids.items()):
            if size > 100:
                run.say(f"{size:,} items are written")
                fill(served.server.data / "wenzheng.db", room, size, mark)
        served.start()
        for size, room in ids.items():
            with served.crowd(room) as crowd:
                crowd.open(JOINS // 3)
                crowd.shut()
                came = crowd.open(JOINS)["cpu_us"]
                rows.append([f"{size:,}", shown(came), shown(cost_us(served, f"/rooms/{room}", JOINS))])
    return "Length of a record", ("items on the record", "one comes, µs", "one opens the page, µs"), rows


def nodes(run: Run) -> Table:
    """Over PostgreSQL and Redis; all processes on one core: what more nodes cost together."""
    rows = []
    with ExitStack() as stack:
        with on_core(cores()[1]):
            urls = stack.enter_context(postgres_databases())
            redis = stack.enter_context(own_redis())
        for count in NODES[:2] if run.quick else NODES:
            run.say(f"{count} nodes")
            more = {"WENZHENG_SERVER__WORKERS": str(count), "WENZHENG_BUS__URL": redis.url}
            with product(next(urls), more) as served:
                room = served.room()
                with served.crowd(room) as crowd:
                    crowd.publishers(8)
                    came = crowd.open(SCATTERED)
                    Approvals(served, room).into(crowd, 60)
                    told = crowd.rate(10, 5)
                    rest = crowd.rest(IDLE_S)["cpu_s"] / IDLE_S
            rows.append(
                [str(count), shown(came["cpu_us"]), shown(per_item(told)), shown(told["p99_ms"]), shown(rest * 1e3)]
            )
    heads = (
        "nodes",
        "one comes, µs",
        "one item on one of 1,000 screens at 10/s, µs",
        "p99, ms",
        "all at rest, ms of a second",
    )
    return "Nodes", heads, rows


def main(words: list[str]) -> int:
    run, began = Run("quick" in words), time.monotonic()
    descriptors()
    text = ""
    for curve in (viewers, rooms, record, nodes):
        title, heads, rows = curve(run)
        text += f"\n### {title}\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n"
        text += "".join(f"| {' | '.join(row)} |\n" for row in rows)
        print(text.rpartition("###")[2], flush=True)
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / "growth.md").write_text(text.lstrip("\n"), encoding="utf-8")
    print(f"{time.monotonic() - began:.0f} s")
    return 0


def _newest(one: Contender, phase: str) -> Answer:
    return one.found[phase][-1]


def _cpu_of(served: Product, work: Callable[[], object]) -> float:
    before = cpu_seconds(served.pid)
    work()
    return cpu_seconds(served.pid) - before


def _rest(audience: Scattered, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        audience.read(min(left, 0.1))


def _announce(served: Product, audience: Scattered, ids: Sequence[str]) -> None:
    """One notice after the other, each in the next room, until all have come."""
    owed = 0
    for n in range(NOTICES):
        served.notice(ids[n % len(ids)])
        owed += SCATTERED // len(ids)
        owed -= audience.read(0)
    until = time.monotonic() + 30
    while owed > 0 and time.monotonic() < until:
        owed -= audience.read(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
