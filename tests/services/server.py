"""The real server as a child process: started on a free port, waited for, ended by its own id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import httpx2

ROOT = Path(__file__).resolve().parents[2]
# What the machine's caller may have set must not reach a server under test.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """`wenzheng serve` on loopback. `data` keeps the store, so that a restart finds it again."""

    def __init__(self, data: Path, *arguments: str, settings: dict[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.arguments = arguments
        self.module = ["wenzheng"]
        self.settings = settings or {}
        self.log_path = data / "server.log"
        self._log: IO[bytes] | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, timeout_s: float = 40) -> ServerProcess:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {"WENZHENG_DATA_DIR": str(self.data), "PYTHONPATH": str(ROOT), **self.settings}
        self._log = self.log_path.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.module, "serve", "--port", str(self.port), *self.arguments],
            cwd=self.data,
            env=environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self.wait_ready(timeout_s)
        except BaseException:
            self.kill()
            raise
        return self

    def wait_ready(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()[-4000:]}")
            try:
                if httpx2.get(self.base + "/readyz", timeout=2, trust_env=False).status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.05)  # polling a foreign process: nothing of ours would tell
        raise AssertionError(f"not ready within {timeout_s} s:\n{self.log()[-4000:]}")

    def log_once(self, *words: str, timeout_s: float = 30) -> str:
        """The log as soon as it holds all of `words`; a port may answer before its process has said so."""
        deadline = time.monotonic() + timeout_s
        while not all(word in (log := self.log()) for word in words):
            assert time.monotonic() < deadline, f"not all of {words} is said:\n{log[-4000:]}"
            time.sleep(0.05)  # polling a foreign process: nothing of ours would tell
        return log

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def freeze(self) -> None:
        """It keeps its connections, takes bytes, and does nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def stop(self, timeout_s: float = 30) -> int:
        """SIGTERM, and the exit code."""
        return self._end(signal.SIGTERM, timeout_s)

    def kill(self) -> int:
        return self._end(signal.SIGKILL, 10)

    def _end(self, number: signal.Signals, timeout_s: float) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise
        finally:
            if self._log is not None:
                self._log.close()
