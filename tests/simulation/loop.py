"""An event loop whose time is a number and whose every choice comes from a seed.

Each node is a process of its own: what is ready inside one runs in the order asyncio promises, but whose turn it is
among several is chance. A node that was killed runs nothing more, not even its `finally` blocks; that is what tells a
crash from a cancellation.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from random import Random
from typing import Any, TypeVar

from kernel import tasks

T = TypeVar("T")
# More would be a circle that never waits.
MAX_STEPS = 3_000_000


class Life:
    """One run of one process. `fuse`: it dies after so many more steps; None: not by chance."""

    def __init__(self, name: str, on_death: Callable[[], None] | None = None) -> None:
        self.name = name
        self.alive = True
        self.fuse: int | None = None
        self.on_death = on_death
        self.context = copy_context()
        self.context.run(LIFE.set, self)

    def end(self) -> None:
        if self.alive:
            self.alive = False
            if self.on_death is not None:
                self.on_death()


LIFE: ContextVar[Life | None] = ContextVar("life", default=None)


class SimLoop(asyncio.BaseEventLoop):
    """Runs one handle at a time; when nothing is ready, time jumps to the next timer."""

    _ready: Any
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        self._now = 0.0
        self.steps = 0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise RuntimeError("the simulation does not end")
        if not self._ready:
            self._advance()
        handle = self._choose()
        life = _life(handle)
        if handle.cancelled() or (life is not None and not life.alive):
            return
        if life is not None and life.fuse is not None:
            life.fuse -= 1
            if life.fuse < 0:
                self.call_soon(life.end, context=copy_context())
                life.fuse = None
        handle._run()

    def _advance(self) -> None:
        if not self._scheduled:
            raise RuntimeError("everybody waits and nothing will happen")
        while self._scheduled:
            handle: Any = heapq.heappop(self._scheduled)
            handle._scheduled = False
            if not handle.cancelled():
                self._now = max(self._now, handle._when)
                self._ready.append(handle)
                break
        while self._scheduled and self._scheduled[0].when() <= self._now:
            due: Any = heapq.heappop(self._scheduled)
            due._scheduled = False
            self._ready.append(due)
        if not self._ready:
            raise RuntimeError("everybody waits and nothing will happen")

    def _choose(self) -> Any:
        first: dict[Life | None, int] = {}
        for place, handle in enumerate(self._ready):
            first.setdefault(_life(handle), place)
        place = self._chance.choice(list(first.values())) if len(first) > 1 else 0
        handle = self._ready[place]
        del self._ready[place]
        return handle

    def _process_events(self, event_list: object) -> None:
        """There is no outside."""

    def _write_to_self(self) -> None:
        """Nor anybody to wake this loop up."""


def _life(handle: Any) -> Life | None:
    context: Context = handle._context
    return context.get(LIFE)


def simulate(chance: Random, play: Callable[[SimLoop], Coroutine[Any, Any, T]]) -> T:
    """Runs one play to its end and leaves nothing behind."""
    loop = SimLoop(chance)
    # What is destroyed while it waits has been killed on purpose.
    loop.set_exception_handler(lambda *_: None)
    try:
        return loop.run_until_complete(play(loop))
    finally:
        _bury(loop)
        loop.close()


def _bury(loop: SimLoop) -> None:
    """Ends the coroutines of the dead and of those that would go on for ever; what they want to do now is ignored."""
    left = [task for task in asyncio.all_tasks(loop) | tasks._running if task.get_loop() is loop]
    for task in left:
        tasks._running.discard(task)
        body: Any = task.get_coro()
        for _ in range(8):
            try:
                body.close()
                break
            except (RuntimeError, asyncio.InvalidStateError):
                continue
            except Exception:
                break
        with contextlib.suppress(AttributeError):
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio's own switch
