"""The long simulation: `python -m tests.simulation [SEEDS] [FIRST]`, one process for each core."""

from __future__ import annotations

import logging
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from tests.simulation.plan import Plan, plan_of, with_fail_overs
from tests.simulation.run import Outcome, run, shrink

SHOWN = 3  # broken seeds that are made small and printed
FIRST = 100_000  # well beyond those of `make test`


def planned(seed: int) -> Plan:
    """In one story of ten the database fails over; after that nobody can say which epochs were begun for no reason."""
    return with_fail_overs(seed) if seed % 10 == 9 else plan_of(seed)


def play(seed: int) -> tuple[int, Outcome]:
    logging.disable(logging.CRITICAL)  # faults are ordered here; what the nodes say of them is no news
    return seed, run(planned(seed))


def explain(seed: int) -> None:
    """The smallest part of the plan that still breaks a promise of the same kind."""
    rules = {violation.rule for violation in run(planned(seed)).violations}
    small = shrink(planned(seed), lambda plan: bool(rules & {found.rule for found in run(plan).violations}))
    print(replace(small, deeds=()))
    for deed in small.deeds:
        print(f"  {deed.at:.3f} {deed.what} {deed.n}")
    for violation in run(small).violations:
        print(f"  {violation}")


def main(arguments: list[str]) -> int:
    wanted, first = ([int(one) for one in arguments] + [1_000, FIRST][len(arguments) :])[:2]
    workers = int(os.environ.get("WENZHENG_TEST_WORKERS", os.cpu_count() or 1))
    began, broken, items = time.monotonic(), [], 0
    with ProcessPoolExecutor(workers) as pool:
        for done, (seed, outcome) in enumerate(pool.map(play, range(first, first + wanted), chunksize=8), 1):
            items += outcome.items
            if outcome.violations:
                broken.append(seed)
                print(f"seed {seed}: {outcome.violations[0]}", flush=True)
            if done % 500 == 0:
                print(f"{done} of {wanted}, {len(broken)} broken, {time.monotonic() - began:.0f} s", flush=True)
    for seed in broken[:SHOWN]:
        print(f"\nseed {seed}, as small as it gets:")
        explain(seed)
    print(f"{wanted} seeds from {first}, {items} items seen, {len(broken)} broken, {time.monotonic() - began:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
