"""A real nginx for the tests: given by path, installed, or Debian's package unpacked into `.cache/`; never skipped."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

VARIABLE = "WENZHENG_TEST_NGINX"
APT_LINE = "apt-get install -y --no-install-recommends nginx-light"
CACHE = Path(__file__).absolute().parents[2] / ".cache" / "nginx"
UNPACKED = CACHE / "root" / "usr" / "sbin" / "nginx"
START_S = 15.0


class NoNginx(RuntimeError):
    """Nothing to start; says what would help."""


def find_nginx() -> Path:
    """The first of the chain that starts."""
    given = os.environ.get(VARIABLE)
    # Where Debian puts it, which is not on the path of every user.
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    for found in (given, shutil.which("nginx", path=path), _from_debian()):
        if found and _starts(Path(found)):
            return Path(found)
    raise NoNginx(f"no nginx to test deploy/nginx.conf with: run `{APT_LINE}`, or set {VARIABLE} to its path")


def _from_debian() -> str | None:
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return None
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:  # two workers of one run must not fetch it at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not UNPACKED.exists():
            _fetch()
        if not UNPACKED.exists() and os.geteuid() == 0:
            _quietly("apt-get", "update")
            _fetch()
    return str(UNPACKED) if UNPACKED.exists() else None


def _fetch() -> None:
    _quietly("apt-get", "download", "nginx")
    for package in CACHE.glob("*.deb"):
        _quietly("dpkg", "-x", str(package), "root")
        package.unlink()


def _quietly(*command: str) -> None:
    subprocess.run(command, cwd=CACHE, capture_output=True, timeout=120, check=False)


def _starts(path: Path) -> bool:
    try:
        return subprocess.run([path, "-v"], capture_output=True, timeout=10, check=False).returncode == 0
    except OSError:
        return False


class Nginx:
    """nginx in the foreground with a configuration of the test's own; ended by its own id."""

    def __init__(self, config: Path, port: int, log: Path) -> None:
        self._command: list[str | Path] = [
            find_nginx(),
            "-e",
            "stderr",
            "-c",
            config,
            "-p",
            config.parent,
            "-g",
            "daemon off;",
        ]
        self._port = port
        self._log = log

    def tested(self) -> str:
        """What `nginx -t` says; raises if it is not content."""
        said = subprocess.run([*self._command, "-t"], capture_output=True, text=True, timeout=20, check=False)
        assert said.returncode == 0, said.stderr
        return said.stderr

    def __enter__(self) -> Nginx:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until = time.monotonic() + START_S
        while not self._accepts():
            assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
            assert time.monotonic() < until, self._log.read_text(encoding="utf-8")
            time.sleep(0.02)  # polling a foreign process: it tells nobody
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _accepts(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0


if __name__ == "__main__":
    try:
        find_nginx()
    except NoNginx as missing:
        sys.exit(str(missing))
