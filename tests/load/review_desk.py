"""Two, then nine moderators on one queue of 5,000 posts, on both databases: `make soak ARGS=desk`.

POSTS changes the size. Fails if anybody met, if a post was decided twice or stolen, starved or left.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from kernel.clock import FrozenClock
from kernel.ids import CountingIds
from persistence.migrate import migrate
from persistence.store import open_store
from tests.load.reviewers import LEASE_TURNS, Shift
from tests.services.postgres import start_postgres

POSTS = int(os.environ.get("POSTS", "5000"))
TEAMS = (2, 9)


async def shift(url: str, nodes: int, moderators: int) -> set[str]:
    """One evening; says how it went."""
    clock = FrozenClock()
    stores = [await open_store(url, clock=clock) for _ in range(nodes)]
    try:
        at_work = Shift(stores, clock, CountingIds(), moderators)
        await at_work.open(POSTS)
        began = time.perf_counter()
        record = await at_work.work(turns_max=2 * POSTS + 3 * LEASE_TURNS)
        seconds = time.perf_counter() - began
    finally:
        for store in stores:
            await store.close()
    broken = record.violations()
    quiet, all_waits = record.waits(at_work.quiet), record.waits(list(record.decided))
    print(
        f"{url.partition(':')[0]:<12}{moderators} moderators, {nodes} nodes: {len(record.decided)} decided"
        f" in {record.turns} turns ({seconds:.0f} s), {record.lost} lost politely;"
        f" longest wait {all_waits[-1]} turns, in the quiet room {quiet[-1]}; violations: {sorted(broken) or 'none'}",
        flush=True,
    )
    return broken


@contextmanager
def urls() -> Iterator[list[tuple[str, int]]]:
    """Fresh databases, each with the number of nodes that may share it."""
    with start_postgres() as server, tempfile.TemporaryDirectory() as folder:
        migrate(server.make_template())
        made: list[tuple[str, int]] = []
        for team in TEAMS:
            template = Path(folder) / f"{team}.db"
            migrate(f"sqlite:///{template}")
            made += [(f"sqlite:///{template}", 1), (server.borrow_database(), 2)]
        yield made
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    broken: set[str] = set()
    with urls() as found:
        for place, (url, nodes) in enumerate(found):
            broken |= uvloop.run(shift(url, nodes, TEAMS[place // 2]))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
