"""Several processes on PostgreSQL and Redis, a thousand viewers, and one fault after the other: nothing may be lost.

`make soak` runs ten minutes; `DURATION=60 VIEWERS=200 CHECKERS=50 NODES=2 make soak` less; `FAULTS=redis-killed` only
that (`tests/load/harm.py` has the names); `SEED=…` the same faults again. Prints what it measured as JSON and exits
non-zero if a promise was broken. A checker records everything it sees; the judge of `tests/history` decides.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import sys
import time
from collections import Counter, defaultdict

import uvloop

from tests.faults.city import City, build_city
from tests.faults.town import Town, percentile
from tests.load.harm import HARMS

DURATION_S = float(os.environ.get("DURATION", "600"))
NODES = int(os.environ.get("NODES", "4"))
VIEWERS = int(os.environ.get("VIEWERS", "1000"))
CHECKERS = min(int(os.environ.get("CHECKERS", "100")), VIEWERS)
POSTERS = int(os.environ.get("POSTERS", "50"))
RATE = float(os.environ.get("RATE", "10"))
SEED = int(os.environ.get("SEED", str(time.time_ns() % 1_000_000)))
CHOSEN = [name for name in os.environ.get("FAULTS", "").replace(",", " ").split() if name]

CALM_S = 5.0
# A fault's publications: those acknowledged from its beginning to so long after its end.
AFTER_S = 1.0
REPAIR_MAX_S = 1.0
REST_S = 60.0


async def harm(town: Town, city: City, chance: random.Random) -> dict[str, list[tuple[float, float]]]:
    """One fault after the other, with time to breathe in between; when each of them was."""
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    names = CHOSEN or list(HARMS)
    until = time.monotonic() + DURATION_S
    order: list[str] = []
    while time.monotonic() < until:
        if not order:
            order = chance.sample(names, len(names))
        chosen = HARMS[order.pop()]
        began = town.history.now()
        await chosen.do(city, chance)
        spans[chosen.name].append((began, town.history.now() + AFTER_S))
        await town.until_more(published=max(1, int(RATE)), timeout_s=90)
        print(f"{until - time.monotonic():5.0f} s left  {chosen.name:<24}{town.published:>7} published", flush=True)
        await asyncio.sleep(CALM_S)
    city.heal()
    return spans


def complaints(city: City) -> dict[str, int]:
    """What the nodes logged as an error, and how it ended."""
    found: Counter[str] = Counter()
    for node in city.nodes:
        for line in node.log().splitlines():
            with contextlib.suppress(ValueError, AttributeError):
                said = json.loads(line)
                if said.get("level") == "error":
                    last = said.get("exception", "").strip().splitlines()[-1:]
                    found[" · ".join([said["event"], *last])[:160]] += 1
    return dict(found.most_common(12))


def repairs(town: Town, spans: dict[str, list[tuple[float, float]]]) -> dict[str, dict[str, float]]:
    """By fault, in seconds.

    `p50 p99 max`: from an acknowledged publication to its sight at every checker. `refused`: the longest that anybody
    waited to be told that the store is away. `back`: from the end of the fault to the next post acknowledged.
    """
    found = {}
    for name, times in sorted(spans.items()):
        delays = [delay for began, ended in times for delay in town.delays(began, ended)]
        if delays:
            tail = {"p50": percentile(delays, 0.5), "p99": percentile(delays, 0.99), "max": max(delays)}
            tail["refused"] = max((town.refused(*span) for span in times), default=0.0)
            tail["back"] = max(town.back(ended - AFTER_S) for _, ended in times)
            found[name] = {"times": len(times), "sights": len(delays), **{key: round(s, 3) for key, s in tail.items()}}
    return found


async def soak(city: City) -> tuple[dict[str, object], list[str]]:
    chance = random.Random(SEED)
    sizes = {"posters": POSTERS, "viewers": CHECKERS, "followers": VIEWERS - CHECKERS}
    async with Town(city.bases, **sizes, pause_s=POSTERS / RATE) as town:
        began = time.monotonic()
        spans = await harm(town, city, chance)
        lasted = time.monotonic() - began
        violations = await town.judge(city.store_url, lease_s=None, rest_s=REST_S)
        codes = Counter(one.answer.get("code") or one.outcome for one in town.history.operations)
        measured = repairs(town, spans)
        found: dict[str, object] = {
            "seed": SEED,
            "duration_s": round(lasted),
            "nodes": len(city.nodes),
            "viewers": VIEWERS,
            "checkers": CHECKERS,
            "acknowledged": town.acked,
            "published": town.published,
            "published_per_s": round(town.published / lasted, 1),
            "sights": sum(sight.what == "item" for sight in town.history.sights),
            "answers": {str(code): count for code, count in codes.most_common()},
            "repairs_s": measured,
            "logged_errors": complaints(city),
            "violations": len(violations),
        }
    return found, [*map(str, violations[:20]), *late(measured)]


def late(measured: dict[str, dict[str, float]]) -> list[str]:
    """Faults that must not be noticed for longer than a second, and were."""
    quick = [name for name, one in HARMS.items() if one.quick and name in measured]
    return [
        f"p99 of repair with {name} took {measured[name]['p99']} s"
        for name in quick
        if measured[name]["p99"] > REPAIR_MAX_S
    ]


def main() -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"seed {SEED}: {NODES} nodes, {VIEWERS} viewers, {POSTERS} posters, {DURATION_S:.0f} s", flush=True)
    # Leases as in life: moderators here are one person each and would otherwise lose theirs to a busy machine.
    city_of_nodes = build_city(NODES, WENZHENG_TIMES__LEASE_S="10")
    with city_of_nodes as city, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found, faults = runner.run(soak(city))
        print(json.dumps(found, ensure_ascii=False, indent=2))
    print("\n".join(faults) or "passed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
