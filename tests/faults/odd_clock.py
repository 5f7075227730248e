"""The server with a clock that is wrong: `python -m tests.faults.odd_clock FILE serve …`.

FILE holds how many milliseconds it is ahead, read anew for every look at the clock: a test may make it jump.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kernel.clock import SystemClock
from wenzheng.cli import main


def install(offset: Path) -> None:
    right = SystemClock.now_ms

    def now_ms(self: SystemClock) -> int:
        return right(self) + int(offset.read_text() or "0")  # empty for the moment in which it is written

    SystemClock.now_ms = now_ms  # type: ignore[method-assign]  # the whole point


if __name__ == "__main__":
    install(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
