"""A node that dies at a chosen step of its work, and what must be true once another has taken over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

from kernel.ids import CountingIds, RoomId
from persistence.store import Store
from rooms.following.follower import Follower
from rooms.following.pace import Pace
from rooms.following.ports import Behind, Claimed, Cursors, Event, Place, Position, Write
from rooms.model import Lane
from rooms.ports import Head, Slice
from tests.contracts.store.demo_consumer import Demo, notes
from tests.rooms.world import HandScheduler

PACE = Pace(workers=2, batch=2, lease_s=15)
IDS = CountingIds()
Seen = tuple[Place, str, int]
T = TypeVar("T")


class Dead(BaseException):
    """The process is gone: nothing of ours runs any more, and nothing is given back."""


class Fate:
    """Counts the steps of a node; at `last` it dies, and everything it asks for afterwards fails."""

    def __init__(self, last: int | None = None) -> None:
        self.steps = 0
        self._last = last

    def step(self, event: Event | None = None) -> None:
        if self._last is not None and self.steps >= self._last:
            raise Dead
        self.steps += 1


class MortalCursors:
    """The store as a mortal node uses it: one step before, and one after, everything it asks for."""

    def __init__(self, store: Store, fate: Fate) -> None:
        self.store = store
        self.fate = fate

    async def behind(
        self,
        consumer: str,
        lanes: Collection[Lane],
        *,
        streams: Collection[str] | None = None,
        after: Place | None = None,
        limit: int,
    ) -> list[Behind]:
        return await self._between(
            partial(self.store.behind, consumer, lanes, streams=streams, after=after, limit=limit)
        )

    async def claim(self, consumer: str, seen: Behind, claim: str) -> Claimed | None:
        return await self._between(partial(self.store.claim, consumer, seen, claim))

    async def keep(self, consumer: str, held: Sequence[Claimed]) -> set[str]:
        return await self._between(partial(self.store.keep, consumer, held))

    async def advance(
        self, held: Claimed, since: Position, to: Position, writes: Sequence[Write], *, release: bool
    ) -> bool:
        return await self._between(partial(self.store.advance, held, since, to, writes, release=release))

    async def give_back(self, held: Claimed, *, failed: bool) -> None:
        await self._between(partial(self.store.give_back, held, failed=failed))

    async def events(self, room: RoomId, lane: Lane, after: int, limit: int) -> Slice:
        return await self._between(partial(self.store.events, room, lane, after, limit))

    async def renew_epoch(self, room: RoomId, lane: Lane, epoch: str) -> Head:
        return await self._between(partial(self.store.renew_epoch, room, lane, epoch))

    async def _between(self, ask: Callable[[], Awaitable[T]]) -> T:
        self.fate.step()
        answer = await ask()
        self.fate.step()
        return answer


class MortalDemo(Demo):
    """One step before each effect outside and one after."""

    def __init__(self, name: str, fate: Fate) -> None:
        super().__init__(name, before=fate.step)
        self._fate = fate

    async def handle(self, event: Event) -> Write | None:
        write = await super().handle(event)
        self._fate.step()
        return write


Mortal = Callable[[Store, Fate], Cursors]


async def crashed_everywhere(store: Store, other: Store, log: list[Seen], mortal: Mortal = MortalCursors) -> list[str]:
    """What was wrong after a death at each step in turn; `log` is what there was to handle."""
    unharmed = Fate()
    await _live(store, "unharmed", unharmed, mortal)
    assert sorted(await notes(store, "unharmed")) == sorted(log)
    assert unharmed.steps > len(log), "the steps are counted"
    problems: list[str] = []
    for last in range(unharmed.steps):
        name = f"mortal{last}"
        first = await _live(store, name, Fate(last), mortal)
        heir = await _take_over(other, name)
        told = [first.told, heir.told]
        problems += [f"dead at step {last}: {one}" for one in _wrong(log, await notes(other, name), told)]
    return problems


async def _live(store: Store, name: str, fate: Fate, mortal: Mortal) -> Demo:
    """A node's whole life, one look long."""
    demo = MortalDemo(name, fate)
    follower = Follower(demo, mortal(store, fate), HandScheduler(), IDS, PACE)
    with contextlib.suppress(Dead):
        await follower.look()
    for task in tuple(follower._tasks):
        await asyncio.gather(task, return_exceptions=True)
    return demo


async def _take_over(store: Store, name: str) -> Demo:
    """Another node, which knows nothing of the first but what the store says."""
    demo, time = Demo(name), HandScheduler()
    follower = Follower(demo, store, time, IDS, PACE)
    for _ in range(3):
        await follower.look()
        await follower.settled()
        time.advance(PACE.lease_s)
    return demo


def _wrong(log: list[Seen], written: list[Seen], told: list[list[Seen]]) -> list[str]:
    problems = []
    if sorted(written) != sorted(log):
        problems.append(f"written {sorted(written)}")
    if {*told[0], *told[1]} != set(log):
        problems.append(f"not told: {set(log) - {*told[0], *told[1]}}")
    for seen in (written, *told):
        for place in {place for place, _, _ in seen}:
            numbers = [seq for at, _, seq in seen if at == place]
            if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
                problems.append(f"out of order at {place}: {numbers}")
    return problems
