"""The server with a clock that is wrong: `python -m tests.faults.odd_clock FILE serve …`.

FILE holds how many milliseconds it is ahead, read anew for every look at the clock: a test may make it jump. On SIGUSR1
the server says in its log what each of its tasks waits for, so that one that does not end can be understood.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from pathlib import Path
from typing import Any

from kernel.clock import SystemClock
from wenzheng.cli import main


def install(offset: Path) -> None:
    right = SystemClock.now_ms

    def now_ms(self: SystemClock) -> int:
        return right(self) + int(offset.read_text() or "0")  # empty for the moment in which it is written

    SystemClock.now_ms = now_ms  # type: ignore[method-assign]  # the whole point


def tell_tasks(*_: object) -> None:
    """Also what they wait for in turn: a stack shows only where a task itself stands."""
    for task in [found for found in gc.get_objects() if isinstance(found, asyncio.Task) and not found.done()]:
        sys.stdout.write(f"waiting: {task.get_name()}\n")
        inner: Any = task.get_coro()
        while (frame := getattr(inner, "cr_frame", None)) is not None:
            sys.stdout.write(f"  {frame.f_code.co_filename}:{frame.f_lineno}\n")
            inner = getattr(inner, "cr_await", None)
        sys.stdout.write(f"  for {inner!r}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    install(Path(sys.argv[1]))
    signal.signal(signal.SIGUSR1, tell_tasks)
    sys.exit(main(sys.argv[2:]))
