"""One server to a SQLite file: a second one would speak to viewers of whose posts the first knows nothing.

The lock is the operating system's, on a file beside the database: it ends with the process however that ends, and
tools that open the database without serving are not concerned.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class AlreadyServed(RuntimeError):
    """Another server holds this file."""


class ServerLock:
    """Held from construction until `release` or the end of the process."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".server")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            owner = os.pread(self._file, 32, 0).decode(errors="replace").strip()
            os.close(self._file)
            raise AlreadyServed(
                f"{database} is served by another process ({owner or 'unknown'}): stop that one first, "
                "or use PostgreSQL for several servers"
            ) from busy
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"pid {os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
