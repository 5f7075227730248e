"""SIGTERM and SIGINT while a process starts and closes; while it serves, it has handlers of its own."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

ENDING = (signal.SIGTERM, signal.SIGINT)


def on_signals(act: Callable[[], object]) -> None:
    """From now on a signal neither kills us nor is lost."""
    for wanted in ENDING:
        signal.signal(wanted, lambda *_: act())


def deafen() -> None:
    """Python gives handlers back while it shuts down; a signal that comes then must not become the exit code."""
    for wanted in ENDING:
        signal.signal(wanted, signal.SIG_IGN)


def cancel_this_task() -> Callable[[], object]:
    """What a signal does while nothing else has been arranged."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    return lambda: loop.call_soon_threadsafe(task.cancel)
