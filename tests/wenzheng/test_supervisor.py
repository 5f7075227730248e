"""A real supervisor and real processes: what becomes of the sockets, and of everybody, whoever dies."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.services.server import ROOT

LONG_S = 20.0


class Supervised:
    """`supervised.py` as a process; `events` are its log."""

    def __init__(self, kind: str, log: Path, slots: int = 2) -> None:
        self._log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.wenzheng.supervised", kind, str(slots)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        port, folder = self.line().split()
        self.port, self.folder = int(port), Path(folder)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def errors(self) -> list[str]:
        return self._log.read_text().splitlines()

    def events(self, wanted: str) -> list[dict[str, Any]]:
        """Entries of the log in which `wanted` occurs."""
        entries = [json.loads(line) for line in self.errors() if line.startswith("{") and line.endswith("}")]
        return [entry for entry in entries if wanted in entry["event"]]

    def pid_of(self, worker: int) -> int:
        return int([entry["pid"] for entry in self.events("is ready") if entry["worker"] == worker][-1])

    def children(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.process.pid).children()
        return found

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=LONG_S)

    def ask(self) -> bytes:
        with self.connect() as asked:
            return asked.recv(16)


def until(met: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG_S
    while not met():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


@contextmanager
def supervised(kind: str, log: Path, slots: int = 2) -> Iterator[Supervised]:
    running = Supervised(kind, log, slots)
    family: list[psutil.Process] = []
    try:
        assert running.line() == "complete"
        # The spare comes last.
        until(lambda: len(running.children()) == slots + 1)
        family = running.children()
        yield running
    finally:
        with_late_comers = {*family, *(running.children() if running.process.poll() is None else [])}
        running.process.kill()
        running.process.wait()
        assert running.process.stdout is not None
        running.process.stdout.close()
        for process in with_late_comers:
            if process.is_running():
                process.kill()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.mark.parametrize("wanted", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everybody_and_answers_zero(log: Path, wanted: signal.Signals) -> None:
    with supervised("good", log) as running:
        family = running.children()
        running.process.send_signal(wanted)

        assert running.process.wait(LONG_S) == 0
        assert not any(process.is_running() for process in family)
        assert not running.folder.exists()
        with pytest.raises(ConnectionRefusedError):
            running.connect()


def test_a_dead_worker_is_replaced_by_the_spare_and_the_spare_by_another(log: Path) -> None:
    with supervised("good", log) as running:
        spare = {child.pid for child in running.children()} - {running.pid_of(1), running.pid_of(2)}
        os.kill(running.pid_of(2), signal.SIGKILL)

        until(lambda: {running.pid_of(2)} == spare)
        until(lambda: len(running.children()) == 3)
        (loss,) = running.events("is replaced")
        assert (loss["worker"], loss["ended_with"]) == (2, "SIGKILL")


@pytest.mark.parametrize("keeps", [True, False])
def test_who_waits_for_a_dead_worker_is_served_by_its_replacement(log: Path, keeps: bool) -> None:
    """Because the supervisor keeps the sockets: one that forgets them has its visitors reset."""
    with supervised("good", log) as running:
        if not keeps:
            running.process.send_signal(signal.SIGUSR1)
            assert running.line() == "forgotten"
        for child in running.children():
            child.suspend()
        # A stop arrives a little after it is sent; until then a worker may take the visitor with it into its death.
        until(lambda: all(child.status() == psutil.STATUS_STOPPED for child in running.children()))
        waiting = running.connect()  # by the kernel: no process of ours runs
        # The spare first: put in a dead worker's place and killed there, it would be that place's second loss.
        for child in reversed(running.children()):
            child.kill()

        with waiting:
            if keeps:
                assert waiting.recv(16) in {b"0\n", b"1\n"}
            else:
                with pytest.raises(ConnectionResetError):
                    waiting.recv(16)


def test_each_slot_has_a_backlog_of_its_own_and_gets_a_share(log: Path) -> None:
    with supervised("good", log) as running:
        # The kernel chooses by address and port; that so many fall to one side is no chance.
        assert {running.ask() for _ in range(64)} == {b"0\n", b"1\n"}


def test_nobody_is_sent_to_a_slot_whose_workers_cannot_live_until_one_does(log: Path) -> None:
    halved = Supervised("halved", log)
    try:
        until(lambda: halved.events("go to other slots"))
        assert {halved.ask() for _ in range(32)} == {b"0\n"}

        (halved.folder / "mended").touch()
        assert halved.line() == "complete"
        assert {halved.ask() for _ in range(64)} == {b"0\n", b"1\n"}
    finally:
        halved.process.terminate()
        assert halved.process.wait(LONG_S) == 0
        halved.process.communicate()


def test_a_rolling_restart_replaces_everybody_and_refuses_nobody(log: Path) -> None:
    with supervised("good", log) as running:
        before = {child.pid for child in running.children()}
        running.process.send_signal(signal.SIGHUP)

        while not running.events("every worker is a new one"):
            assert running.ask() in {b"0\n", b"1\n"}
        until(lambda: len(running.children()) == 3)
        until(lambda: before.isdisjoint(child.pid for child in running.children()))


def test_a_worker_that_does_not_end_is_killed_and_said_so(log: Path) -> None:
    with supervised("deaf", log) as running:
        running.process.terminate()

        assert running.process.wait(LONG_S) == 0
        assert {entry["worker"] for entry in running.events("killed")} == {1, 2}


def test_without_its_supervisor_nobody_stays(log: Path) -> None:
    """Nobody hands anything over, nobody leaves a process, a port or a folder behind; not even who does not listen."""
    with supervised("deaf", log) as running:
        family = running.children()
        running.process.kill()

        until(lambda: not any(process.is_running() for process in family))
        with pytest.raises(ConnectionRefusedError):
            running.connect()


def test_workers_without_a_supervisor_take_their_folder_with_them(log: Path) -> None:
    with supervised("good", log) as running:
        running.process.kill()

        until(lambda: not running.folder.exists())


def test_when_none_can_start_it_says_why_once_and_answers_one(log: Path) -> None:
    hopeless = Supervised("hopeless", log)

    assert hopeless.process.wait(LONG_S) == 1
    assert hopeless.process.communicate()[0] == ""
    said, conclusion = hopeless.errors()
    assert (said, conclusion) == ("this is why", "no worker could start: the last one ended with code 1")
