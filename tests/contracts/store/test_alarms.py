"""Alarms of several nodes on one store: each is told once, tried again while nobody hears, and told to be over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from kernel.clock import FrozenClock
from moderation.alarms import PAUSE_MAX_MS, PAUSE_MS, TRIES_MAX, Alarm, Alarms, AlarmWord
from moderation.queue_health import MINUTE_MS, QueueHealth, health_of
from persistence.store import Store

pytestmark = pytest.mark.anyio


@dataclass
class Called:
    """Whoever is to come. While it is away it hears nothing."""

    heard: list[tuple[str, str]] = field(default_factory=list)
    away: bool = False
    asked: int = 0

    async def tell(self, word: AlarmWord) -> None:
        self.asked += 1
        if self.away:
            raise ConnectionRefusedError
        self.heard.append((word.alarm.value, "on" if word.raised else "over"))


@dataclass
class Nodes:
    """So many nodes that look at the queue at one time."""

    clock: FrozenClock
    called: Called
    alarms: list[Alarms]

    async def look(self, *, waits: bool) -> None:
        now = self.clock.now_ms()
        figures: QueueHealth = health_of(now, [now - 2 * MINUTE_MS] if waits else [], [])
        await asyncio.gather(*(one.look(figures, 0) for one in self.alarms))

    def measured(self, name: str) -> float:
        return sum(one.measures()[f"alarms_{name}_total"] for one in self.alarms)


@pytest.fixture
def nodes(store: Store, other: Store, clock: FrozenClock) -> Nodes:
    called = Called()
    return Nodes(clock, called, [Alarms(one, called, clock) for one in (store, other)])


async def test_of_several_nodes_one_tells_and_once_more_when_it_is_over(nodes: Nodes) -> None:
    for waits in (False, True, True, True, False, False):
        await nodes.look(waits=waits)
        nodes.clock.advance(PAUSE_MS)
    assert nodes.called.heard == [("unattended", "on"), ("unattended", "over")]

    await nodes.look(waits=True)
    assert nodes.called.heard[2:] == [("unattended", "on")]
    assert nodes.measured("told") == 3


async def test_without_the_claim_each_node_would_tell(
    nodes: Nodes, store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def done(*_: object) -> bool:
        return True

    # That it was told is not written down, so that the claim alone keeps the second from telling.
    for one in (store, other):
        monkeypatch.setattr(one, "settle_alarm", done)
    await nodes.look(waits=True)
    assert nodes.called.heard == [("unattended", "on")]
    for one in (store, other):
        monkeypatch.setattr(one, "claim_alarm", done)
    nodes.clock.advance(PAUSE_MS)
    await nodes.look(waits=True)
    assert nodes.called.heard == [("unattended", "on")] * 3


async def test_who_does_not_hear_is_told_later_and_never_sooner(nodes: Nodes) -> None:
    nodes.called.away = True
    await nodes.look(waits=True)
    await nodes.look(waits=True)
    assert (nodes.called.asked, nodes.measured("failed")) == (1, 1)

    nodes.called.away = False
    nodes.clock.advance(PAUSE_MS)
    await nodes.look(waits=True)
    assert nodes.called.heard == [("unattended", "on")]
    # It may have been heard the first time too, so the end is told.
    await nodes.look(waits=False)
    assert nodes.called.heard[1:] == [("unattended", "over")]


async def test_whom_nobody_reached_is_given_up_and_counted(nodes: Nodes) -> None:
    nodes.called.away = True
    for _ in range(TRIES_MAX + 2):
        await nodes.look(waits=True)
        nodes.clock.advance(PAUSE_MAX_MS)
    assert nodes.called.asked == TRIES_MAX
    assert (nodes.measured("failed"), nodes.measured("lost"), nodes.measured("told")) == (TRIES_MAX, 1, 0)


async def test_what_was_over_before_anybody_was_called_is_told_to_nobody(nodes: Nodes, store: Store) -> None:
    await store.turn_alarm(Alarm.UNATTENDED, raised=True, at=nodes.clock.now_ms())
    await nodes.look(waits=False)
    (row,) = await store.alarms()
    assert (row.raised, row.told, nodes.called.asked) == (False, True, 0)


async def test_a_node_that_died_over_it_leaves_it_to_another(nodes: Nodes, store: Store, other: Store) -> None:
    nodes.called.away = True
    await nodes.look(waits=True)
    nodes.called.away = False
    (row,) = await store.alarms()
    claimed = await other.claim_alarm(row, row.next_at, row.next_at + PAUSE_MS)
    assert claimed
    assert not await store.claim_alarm(row, row.next_at, row.next_at + PAUSE_MS)

    nodes.clock.advance(3 * PAUSE_MS)
    await nodes.look(waits=True)
    assert nodes.called.heard == [("unattended", "on")]
