"""Waiting for a server that tells nobody when it is ready."""

from __future__ import annotations

import socket
import subprocess
import time

from bench.machine import CannotMeasure

START_S = 20.0


def until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    """Raises `CannotMeasure` when it has ended, or takes too long."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotMeasure(f"it ended with {process.returncode} instead of listening")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise CannotMeasure(f"nothing listens after {START_S:.0f} s")
