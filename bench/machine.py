"""What the measurements need of this machine: a core for the server, one for the clients, a compiler, a folder."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# Not in git: programs, packages of the peers, results of runs.
BUILT = HERE / "built"
PROGRAMS = {"floor": ("floor.c",), "client": ("client.c", "lines.c", "feed.c", "meter.c")}
COMPILE_S = 120.0


class CannotMeasure(RuntimeError):
    """One line: what is missing, and what would help."""


def cores() -> tuple[int, int]:
    """One for the server under measurement and one for whoever watches; the same where there is only one."""
    ours = sorted(os.sched_getaffinity(0))
    return ours[0], ours[min(1, len(ours) - 1)]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Processes started inside stay on that core, with all their threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def programs() -> dict[str, Path]:
    """The floor and the load client, compiled if their sources are newer. Raises `CannotMeasure`."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise CannotMeasure(
            "no C compiler (cc) for the floor and the load client; Debian and Ubuntu: apt-get install gcc"
        )
    BUILT.mkdir(exist_ok=True)
    sources = max(path.stat().st_mtime for path in (HERE / "native").iterdir())
    made = {}
    for name, files in PROGRAMS.items():
        made[name] = program = BUILT / name
        if program.exists() and program.stat().st_mtime > sources:
            continue
        command: list[str | Path] = [
            compiler,
            "-O2",
            "-Wall",
            "-Wextra",
            "-o",
            program,
            *(HERE / "native" / file for file in files),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMPILE_S, check=False)
        if done.returncode:
            raise CannotMeasure(f"{compiler} does not compile {name}: {done.stderr.strip()[-600:]}")
    return made


def descriptors() -> int:
    """How many files one process may have open, once raised as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1 << 20


def cpu_seconds(pid: int) -> float:
    """User and system time of another process so far, to the nanosecond: Linux numbers the clock so."""
    return time.clock_gettime((~pid << 3) | 2)


def resident_kib(pid: int) -> int:
    fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
