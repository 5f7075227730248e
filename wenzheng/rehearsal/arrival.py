"""Viewers come in: evenly, not too many between door and screen at once, and who falls behind is waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from wenzheng.rehearsal.door import Door
from wenzheng.rehearsal.screens import Screen, Viewer

# Between a connection and the room on screen; more wait until some are there.
COMING_MAX: Final = 200
COME_S: Final = 30.0


class Arrival:
    """`missing`: how many have neither come nor failed."""

    def __init__(self, door: Door, screens: Sequence[Screen], viewers: int) -> None:
        self.missing = self._viewers = viewers
        self._door = door
        self._screens = screens
        self._coming = asyncio.Semaphore(COMING_MAX)
        self._all = asyncio.Event()

    async def run(self, a_second: float, told: Callable[[], None] = lambda: None) -> None:
        """They are spread over the screens. Returns when all have come or failed, or nothing moves any more."""
        due = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(self._viewers):
                if not await in_time(self._coming.acquire(), COME_S):
                    break
                screen = self._screens[number % len(self._screens)]
                group.create_task(self._door.open(Viewer(self._door.request, screen, self._settled)))
                due += 1 / a_second
                if due > time.monotonic():
                    told()
                    await asyncio.sleep(due - time.monotonic())
        if not await in_time(self._all.wait(), COME_S):
            self._screens[0].troubles["no room on screen in time"] += self.missing

    def _settled(self) -> None:
        self._coming.release()
        self.missing -= 1
        if not self.missing:
            self._all.set()


async def in_time(waiting: Coroutine[Any, Any, object], seconds: float) -> bool:
    """Whether it ended within that time; it is not waited for any longer."""
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        return False
    return True
