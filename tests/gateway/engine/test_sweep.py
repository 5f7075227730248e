"""One timer for all deadlines."""

from __future__ import annotations

import asyncio

import pytest

from gateway.engine.sweep import Sweep

pytestmark = pytest.mark.anyio


class Someone:
    def __init__(self, sweep: Sweep, then: object = None) -> None:
        self.sweep = sweep
        self.then = then
        self.told = asyncio.Event()

    def overdue(self) -> None:
        self.told.set()
        if isinstance(self.then, Someone):
            self.sweep.forget(self.then)


async def test_the_late_are_told_once_and_the_timer_rests() -> None:
    sweep = Sweep(every=0.01)
    late, early = Someone(sweep), Someone(sweep)
    sweep.watch(late, 0.02)
    sweep.watch(early, 60)
    async with asyncio.timeout(5):
        await late.told.wait()
    assert len(sweep) == 1
    assert not early.told.is_set()
    sweep.forget(early)
    async with asyncio.timeout(5):
        while sweep._timer is not None:
            await asyncio.sleep(0.01)
    again = Someone(sweep)
    sweep.watch(again, 0)
    async with asyncio.timeout(5):
        await again.told.wait()


async def test_who_is_forgotten_in_the_same_tick_is_not_told() -> None:
    sweep = Sweep(every=0.01)
    second = Someone(sweep)
    first = Someone(sweep, then=second)
    sweep.watch(first, 0)
    sweep.watch(second, 0)
    async with asyncio.timeout(5):
        await first.told.wait()
    assert not second.told.is_set()
    assert len(sweep) == 0
