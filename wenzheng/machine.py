"""What the machine says: the data folder, its space, the limits of this process. No opinion; `checks.py` has those."""

from __future__ import annotations

import os
import resource
import shutil
import stat
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """`folder` is the nearest that exists of `data_dir` and its parents; `free` is in bytes there, `now` in seconds."""

    folder: Path
    exists: bool
    writable: bool
    mode: int
    free: int
    open_files: int
    python: tuple[int, ...]
    now: float
    zone: str


def examine(data_dir: Path) -> Machine:
    """Makes a file in the folder and removes it: what the rights promise, a read-only file system need not keep."""
    folder = data_dir.absolute()
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Machine(
        folder=folder,
        exists=data_dir.is_dir(),
        writable=_writable(folder),
        mode=stat.S_IMODE(folder.stat().st_mode),
        free=shutil.disk_usage(folder).free,
        open_files=sys.maxsize if hard == resource.RLIM_INFINITY else hard,
        python=sys.version_info[:3],
        now=time.time(),
        zone="/".join(time.tzname),
    )


def _writable(folder: Path) -> bool:
    try:
        number, name = tempfile.mkstemp(prefix=".wenzheng-doctor-", dir=folder)
    except OSError:
        return False
    os.close(number)
    Path(name).unlink(missing_ok=True)
    return True
