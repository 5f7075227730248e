"""Standard output of a process that serves: whoever started it reads there for a while, and need not stay."""

from __future__ import annotations

import os
import sys


def say(text: str) -> None:
    """Nobody who reads is no fault."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        nobody_reads()


def nobody_reads() -> None:
    """What is still buffered, and comes, goes nowhere; otherwise Python would fail at its very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
