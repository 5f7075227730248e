"""A server to measure, in a process of its own that tells its port."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def tell(word: object) -> None:
    """From a server under measurement to whoever started it."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class Measured:
    """A server in a process of its own: first it says its port, later its result."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port = int(self._line())

    def cpu(self) -> float:
        """Seconds used so far, in the kernel's ticks."""
        with open(f"/proc/{self.process.pid}/stat") as stat:  # noqa: PTH123 - a pseudo-file
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the server under measurement ended early")
        return line


@contextmanager
def serving(module: str, *words: str) -> Iterator[Measured]:
    """`python -m module words…`, ended on the way out."""
    process = subprocess.Popen([sys.executable, "-m", module, *words], stdout=subprocess.PIPE, text=True)
    try:
        yield Measured(process)
    finally:
        process.kill()
        process.communicate()
