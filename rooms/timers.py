"""Waiting as an injected thing, so that tests move time by hand instead of sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    def cancel(self) -> None: ...


class Scheduler(Protocol):
    """Monotonic seconds, and calls in the future on the same thread."""

    def now(self) -> float: ...
    def call_soon(self, act: Callable[[], None]) -> Timer: ...
    def call_later(self, seconds: float, act: Callable[[], None]) -> Timer: ...


class LoopScheduler:
    """The running event loop's own clock and timers."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()

    def now(self) -> float:
        return self._loop.time()

    def call_soon(self, act: Callable[[], None]) -> Timer:
        return self._loop.call_soon(act)

    def call_later(self, seconds: float, act: Callable[[], None]) -> Timer:
        return self._loop.call_later(seconds, act)


async def wait(scheduler: Scheduler, seconds: float) -> None:
    """A pause in the scheduler's time."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    timer = scheduler.call_later(seconds, lambda: None if over.done() else over.set_result(None))
    try:
        await over
    finally:
        timer.cancel()
