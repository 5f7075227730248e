"""How far a rehearsal is: one line that is written over on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, TextIO

BAR: Final = 20
# Where lines stay, so often.
EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Now:
    """`phase` is `guests`, `viewers` or `load`; `done` of `whole` in its own unit."""

    phase: str
    done: float
    whole: float
    said: str = ""


class Progress:
    """Writes to `out`; a reader that has gone is nobody's trouble but its own."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._over = out.isatty()
        self._phase = ""
        self._last = -EVERY_S
        self._width = 0

    def show(self, now: Now) -> None:
        line = _line(now)
        if self._over:
            self._out.write("\r" + line.ljust(self._width))
            self._width = len(line)
        elif now.phase != self._phase or time.monotonic() - self._last >= EVERY_S:
            self._last = time.monotonic()
            self._out.write(line + "\n")
        self._phase = now.phase
        self._out.flush()

    def end(self) -> None:
        """The line is left clean for whatever comes."""
        if self._over and self._width:
            self._out.write("\r" + " " * self._width + "\r")
            self._out.flush()


def _line(now: Now) -> str:
    full = round(BAR * min(now.done / now.whole, 1.0)) if now.whole else BAR
    said = f"  {now.said}" if now.said else ""
    return f"{now.phase:<8}[{'#' * full}{'-' * (BAR - full)}] {now.done:,.0f}/{now.whole:,.0f}{said}"
