"""What a durable post costs our process: accepted at a socket, checked by every phase, committed, queued, answered."""

from __future__ import annotations

from contextlib import ExitStack

from bench.lines import Line
from bench.machine import cores, on_core
from bench.posting import postgres_databases
from bench.product import Product, product
from bench.run import Run
from tests.services.postgres_binaries import NoPostgres

PART = "posts"
WARM = 300


def measure(run: Run) -> list[Line]:
    count = 1_000 if run.quick else 3_000
    found: dict[str, list[float]] = {"SQLite": [], "PostgreSQL": []}
    with ExitStack() as stack:
        kinds, why = {"SQLite": stack.enter_context(product())}, ""
        try:
            # A commit goes through the database's own process: that is not on our core.
            with on_core(cores()[1]):
                urls = stack.enter_context(postgres_databases())
            kinds["PostgreSQL"] = stack.enter_context(product(next(urls)))
        except NoPostgres as missing:
            why = f"missing: {missing}"
        for number in range(run.rounds):
            run.say(f"round {number + 1} of {run.rounds}: {count:,} posts into each store")
            for kind, served in kinds.items():
                found[kind].append(cost_us(served, count))
    line = Line.of(PART)
    return [
        line(f"CPU in our process per durable post, {kind}", values, 200, 80, unit="µs", note="" if values else why)
        for kind, values in found.items()
    ]


def cost_us(served: Product, count: int) -> float:
    """By two hundred guests, each its next post when the last is stored; a room of its own: queues are bounded."""
    room = served.room()
    served.post(served.posts(room, WARM))
    told = served.post(served.posts(room, count))
    return float(told["cpu_s"] / count * 1e6)
