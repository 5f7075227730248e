"""A server from its first moment to its last: ready, stopped by a signal at any time, alone on its file."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from kernel.tasks import spawn
from tests.services.server import ROOT, ServerProcess, free_port
from tests.wenzheng.test_cli import refused
from wenzheng.server import _ended


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path, "--demo")
    yield process.start()
    process.stop()


@pytest.mark.parametrize("wanted", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_zero(server: ServerProcess, wanted: signal.Signals) -> None:
    os.kill(server.pid, wanted)
    assert server.process is not None
    assert server.process.wait(20) == 0
    assert "Traceback" not in server.log()


def test_signals_that_keep_coming_end_it_with_zero(server: ServerProcess) -> None:
    assert server.process is not None
    while server.process.poll() is None:
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.005)  # the point is to hit every moment of the end
    assert server.process.returncode == 0
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("after_s", [0.4, 0.9, 1.5])
def test_a_signal_while_starting_ends_it_cleanly_and_the_next_start_finds_all(tmp_path: Path, after_s: float) -> None:
    environ = {"PATH": os.environ["PATH"], "WENZHENG_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "wenzheng", "serve", "--demo", "--port", str(free_port())]
    process = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(after_s)  # any moment will do; no condition tells them apart from outside
    process.terminate()
    _, errors = process.communicate(timeout=30)
    # Before the process has its own handlers the system's apply.
    assert process.returncode in (0, -signal.SIGTERM), errors.decode()
    assert b"Traceback" not in errors

    again = ServerProcess(tmp_path, "--demo").start()
    reply = httpx2.post(
        again.base + "/api/v1/session",
        json={"username": "coordinator1", "password": "wenzheng-demo"},
        timeout=10,
        trust_env=False,
    )
    assert reply.status_code == 200
    assert httpx2.get(again.base + "/api/v1/rooms", trust_env=False).json()["items"]
    assert again.stop() == 0


def test_a_second_server_on_the_file_is_refused_and_tools_are_not(server: ServerProcess, tmp_path: Path) -> None:
    assert "served" in refused(tmp_path, "serve", "--port", str(free_port()))
    with_tools = subprocess.run(
        [sys.executable, "-m", "wenzheng", "user", "add", "second", "--role", "host"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "WENZHENG_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert with_tools.returncode == 0, with_tools.stderr


def test_a_taken_port_is_one_line(server: ServerProcess, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert "taken" in refused(other, "serve", "--port", str(server.port))


def test_a_restart_seeds_nothing_again_and_is_quick(tmp_path: Path) -> None:
    first = ServerProcess(tmp_path, "--demo").start()
    before = httpx2.get(first.base + "/api/v1/rooms", trust_env=False).json()["items"]
    assert first.stop() == 0
    second = ServerProcess(tmp_path, "--demo").start()
    # Counted in the processor's time, which neighbours on the machine do not make longer.
    spent = psutil.Process(second.pid).cpu_times()
    assert spent.user + spent.system < 5
    assert httpx2.get(second.base + "/api/v1/rooms", trust_env=False).json()["items"] == before
    assert second.stop() == 0


def test_the_terminal_is_told_the_address_and_the_accounts(server: ServerProcess) -> None:
    # It is printed once the port answers, so a moment after `start` may be too early.
    server.log_once(server.base + "/signin", "wenzheng-demo", "host", "moderator1", "price1", "transport1", "metro1")


def test_requests_are_logged_without_query_and_without_tokens(server: ServerProcess) -> None:
    reply = httpx2.post(
        server.base + "/api/v1/session",
        json={"username": "host", "password": "wenzheng-demo"},
        timeout=10,
        trust_env=False,
    )
    token = reply.json()["token"]
    httpx2.get(server.base + "/api/v1/me?x=hidden-in-query", headers={"authorization": f"Bearer {token}"})
    httpx2.get(server.base + "/healthz")
    assert server.stop() == 0
    entries = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    requests = [entry for entry in entries if entry["event"] == "request"]
    assert {"method": "GET", "path": "/api/v1/me", "status": 200}.items() <= requests[-1].items()
    assert not any(entry["path"] == "/healthz" for entry in requests)
    assert "hidden-in-query" not in server.log()
    assert token not in server.log()


@pytest.mark.anyio
async def test_a_demonstration_that_failed_is_no_failure_of_the_servers_end() -> None:
    async def failing() -> None:
        raise RuntimeError("out of order")

    task = spawn(failing(), name="welcome")
    await asyncio.sleep(0)
    assert task.done()
    await _ended(task)
