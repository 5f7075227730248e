"""One plan, played to its end and judged; and the smallest part of it that still goes wrong."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from random import Random
from sqlite3 import Connection
from unittest.mock import patch

from gateway.hint_codec import HintCodec
from persistence.lane_reads import read_head
from rooms.model import Lane
from rooms.ports import Hint
from tests.history import History, Truth, Violation, check
from tests.history.truth import truth_of
from tests.simulation.city import DISK, NODES, City
from tests.simulation.loop import SimLoop, simulate
from tests.simulation.node import LEASE_MS
from tests.simulation.people import People
from tests.simulation.plan import LENGTH_S, Deed, Plan, plan_of
from tests.simulation.viewer import Viewer

# C5 promises a second; a client that was cut off needs its way back besides.
REPAIR_S = 2.5


# Bounds that a small city would never meet otherwise, by the place where each is looked up.
TIGHT: Mapping[str, int] = {
    "rooms.feed.PAGE": 3,
    "rooms.feed.MAX_WAITING": 2,
    "rooms.recovery.PAGE": 2,
    "rooms.recovery.SLICE": 1,
    "rooms.slices.SLICE": 1,
    "rooms.entrance.REACH_RESUME": 12,
    "rooms.entrance.REACH_PARKED": 4,
    "rooms.fanout.REACH_PARKED": 4,
    "rooms.fanout.MESSAGE_BYTES": 300,
    "rooms.snapshots.MAX_KEPT": 1,
    "rooms.snapshots.MAX_WEIGHT": 3 * 1024,
    "rooms.hub.LINGER_S": 1,
}


@contextmanager
def bounds(chosen: Mapping[str, int]) -> Iterator[None]:
    with ExitStack() as stack:
        for place, value in chosen.items():
            stack.enter_context(patch(place, value))
        yield


@dataclass(frozen=True, slots=True)
class Outcome:
    """`digest`: of everything that was recorded; the same plan always has the same."""

    violations: list[Violation]
    digest: str
    items: int
    steps: int


def run(plan: Plan) -> Outcome:
    history = History()
    rooms = DISK.fresh()
    steps = 0

    async def play(loop: SimLoop) -> list[Violation]:
        nonlocal history, steps
        city = City(loop, plan.seed, rooms, tight=plan.tight)
        history = city.history
        await _play(city, plan)
        steps = loop.steps
        truth = DISK.transact(lambda connection: truth_of(connection, city.lost))
        found = check(history, truth, grace_s=plan.grace_s, lease_s=LEASE_MS / 1_000)
        return [*found, *_needless_epochs(city, truth)]

    with bounds(TIGHT if plan.tight else {}):
        violations = simulate(Random(f"{plan.seed} turns"), play)
    return Outcome(violations, _digest(history), sum(len(sight.items) for sight in history.sights), steps)


async def _play(city: City, plan: Plan) -> None:
    city.network.slowest_s = plan.network_s
    air = city.air
    air.lost, air.doubled, air.slowest_s, air.bare = plan.lost, plan.doubled, plan.hints_s, plan.bare
    for weather in city.weather:
        weather.slowest_s, weather.refused = plan.store_s, plan.refused
        weather.unknown, weather.old_view = plan.unknown, plan.old_view
    people, fate = People(city), Fate(city)
    for number, room in enumerate(city.rooms):
        for role in ("public", "public", "desk", "mod"):
            name = f"{role}-{number}-{len(city.viewers)}"
            city.watch(Viewer(city, name, room, role, tail=(50, 2)[len(city.viewers) % 2]))
    if plan.open:
        city.begin(people.open_up())
    for deed in plan.deeds:
        await asyncio.sleep(max(0.0, deed.at - city.loop.time()))
        if (blow := getattr(fate, deed.what, None)) is not None:
            blow(deed.n)
        else:
            city.begin(getattr(people, deed.what)(deed.n))
    await asyncio.sleep(max(0.0, LENGTH_S - city.loop.time()))
    await city.calm(REPAIR_S)
    await _look_again(city)
    for viewer in city.viewers:
        for lane in viewer.lanes:
            city.history.rests(viewer.name, lane, room=viewer.room)


async def _look_again(city: City) -> None:
    """Newcomers, and some who bring an old position, at every node: nothing hidden is shown, from ring or store."""
    for room in city.rooms:
        heads = await city.some_node().store.heads([room])
        for node in city.nodes:
            for role, seq in (("desk", None), ("mod", None), ("public", 0), ("public", 1)):
                viewer = Viewer(city, f"late-{len(city.viewers)}", room, role, tail=50)
                viewer.home = node
                if seq is not None:
                    viewer.held[Lane.PUB] = replace(heads[room, Lane.PUB], seq=seq)
                city.watch(viewer)
    await asyncio.sleep(1.0)


def _needless_epochs(city: City, truth: Truth) -> list[Violation]:
    """A restore is told by the operator's tool; a node that makes a new epoch besides has misread what it saw.

    After a fail-over nobody can say which epochs there should be.
    """
    return [
        Violation("I10", f"{room} {lane} was given epoch {held.epoch} for no reason")
        for (room, lane), held in truth.lanes.items()
        if held.epoch != city.epochs.get((room, lane), held.epoch)
    ]


class Fate:
    """Blows, each from a number of its own."""

    def __init__(self, city: City) -> None:
        self.city = city

    def crash(self, n: int) -> None:
        chance = Random(n)
        self.city.crash(chance.randrange(NODES), chance.choice((0, 1, 2, 5, 12, 30)))

    def cut(self, n: int) -> None:
        self._viewer(n).cut()

    def sleep(self, n: int) -> None:
        self._viewer(n).sleep(Random(n).uniform(0.5, 4.0))

    def stick(self, n: int) -> None:
        self._viewer(n).stick()

    def flow(self, n: int) -> None:
        self._viewer(n).flow()

    def _viewer(self, n: int) -> Viewer:
        return self.city.viewers[Random(n).randrange(len(self.city.viewers))]

    def outage(self, n: int) -> None:
        """One node, or all of them, cannot reach the database."""
        chance = Random(n)
        hit = [chance.randrange(NODES)] if chance.random() < 0.6 else range(NODES)
        for place in hit:
            weather = self.city.weather[place]
            weather.away = True

            def over() -> None:
                for place in hit:
                    self.city.weather[place].away = False

        self.city.loop.call_later(chance.choice((0.2, 1.0, 4.0, 7.0)), over)

    def hush(self, n: int) -> None:
        """The bus is away, and everybody knows."""
        self.city.air.away = True

        def over() -> None:
            self.city.air.away = False
            self.city.ether.back()

        self.city.loop.call_later(Random(n).choice((0.3, 1.0, 3.0)), over)

    def forge(self, n: int) -> None:
        """Somebody who can write to the bus, and has not the secret, puts words into a room."""
        if self.city.air.bare:
            return
        room = Random(n).choice(self.city.rooms)
        head = DISK.transact(lambda connection: read_head(connection, room, Lane.PUB))
        said = {"s": head.seq + 1, "k": "msg", "id": f"forged-{n}", "at": 0, "body": f"f{n};", "ver": 1}
        hint = Hint(room, Lane.PUB, head.epoch, head.seq + 1, head.seq + 1, [said])
        self.city.ether.carry(room, Lane.PUB, HintCodec(b"guessed").encode(hint), None)

    def shrink(self, n: int) -> None:
        """Memory is short: rings give up their oldest."""
        chance = Random(n)
        node = self.city.some_node()
        for hosted in node.hub.hosted.values():
            for lane in hosted.feed.lanes.values():
                lane.ring._drop(min(chance.randint(1, 8), lane.ring.head - lane.ring.base))

    def restore_backup(self, n: int) -> None:
        """A backup is taken now, and put back in its time: what was acknowledged between is lost, and said to be."""

        def restored(kept: Connection) -> None:
            DISK.restore(kept, f"+{n}")
            if self.city.epochs:
                self.city.epochs = DISK.epochs()

        self._go_back(n, restored)

    def fail_over(self, n: int) -> None:
        """To a replica that lags: nobody says so, and the nodes must notice by themselves."""
        self.city.epochs = {}
        self._go_back(n, DISK.fail_over)

    def _go_back(self, n: int, to: Callable[[Connection], None]) -> None:
        chance = Random(n)
        kept, taken = DISK.backup(), self.city.loop.time()

        def back() -> None:
            to(kept)
            self.city.lost.append((taken, self.city.loop.time() + 1.0))

        self.city.loop.call_later(chance.uniform(0.1, 2.0), back)


def _digest(history: History) -> str:
    total = hashlib.sha256()
    for operation in history.operations:
        shown = (operation.process, operation.op, operation.invoked, operation.ended, operation.outcome)
        total.update(repr(shown).encode())
    for sight in history.sights:
        total.update(repr((sight.at, sight.process, sight.what, sight.lane, sight.seq)).encode())
    return total.hexdigest()[:16]


def shrink(plan: Plan, still: Callable[[Plan], bool]) -> Plan:
    """Leaves out what is not needed: ever smaller parts of the deeds, then the weather."""
    size = len(plan.deeds) // 2
    while size:
        start = 0
        while start < len(plan.deeds):
            rest: tuple[Deed, ...] = (*plan.deeds[:start], *plan.deeds[start + size :])
            smaller = replace(plan, deeds=rest)
            if still(smaller):
                plan = smaller
            else:
                start += size
        size //= 2
    fair: dict[str, float] = {"lost": 0.0, "doubled": 0.0, "refused": 0.0, "unknown": 0.0, "old_view": 0.0}
    for name, value in fair.items():
        milder = replace(plan, **{name: value})  # type: ignore[arg-type]  # all of these are floats
        if still(milder):
            plan = milder
    return plan


def run_seed(seed: int) -> Outcome:
    return run(plan_of(seed))
