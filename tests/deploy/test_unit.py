"""The systemd unit: `systemd-analyze verify` where there is one, and everywhere what the server needs of it."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.services.server import ServerProcess

UNIT = Path(__file__).resolve().parents[2] / "deploy" / "wenzheng.service"
HARDENED = (
    "NoNewPrivileges=true",
    "ProtectSystem=strict",
    "ProtectHome=true",
    "PrivateTmp=true",
    "PrivateDevices=true",
    "CapabilityBoundingSet=",
    "MemoryDenyWriteExecute=true",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "SystemCallFilter=@system-service",
)

KNOWN = frozenset(
    re.findall(
        r"\w+",
        """
After AmbientCapabilities CapabilityBoundingSet Description Environment ExecStart Group KillMode LimitNOFILE
LockPersonality MemoryDenyWriteExecute NoNewPrivileges NotifyAccess PrivateDevices PrivateTmp ProtectClock
ProtectControlGroups ProtectHome ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables
ProtectProc ProtectSystem RemoveIPC Restart RestartSec RestrictAddressFamilies RestrictNamespaces
RestrictRealtime RestrictSUIDSGID StateDirectory StateDirectoryMode SystemCallArchitectures
SystemCallErrorNumber SystemCallFilter TimeoutStartSec TimeoutStopSec Type UMask User WantedBy Wants
WorkingDirectory
""",
    )
)


@pytest.fixture(scope="module")
def unit() -> list[str]:
    return UNIT.read_text(encoding="utf-8").splitlines()


def value(unit: list[str], name: str) -> str:
    [held] = [line.partition("=")[2] for line in unit if line.startswith(f"{name}=")]
    return held


def test_it_is_hardened_and_waits_for_ready(unit: list[str]) -> None:
    assert set(HARDENED) <= set(unit)
    assert "User=wenzheng" in unit
    assert "Type=notify" in unit


def test_every_directive_is_one_of_systemds(unit: list[str]) -> None:
    """A misspelt one is ignored by systemd with a warning that nobody reads; here it is a failure."""
    named = {line.partition("=")[0] for line in unit if line and line[0] not in "#["}
    assert named <= KNOWN
    section = {line for line in unit if line.startswith("[")}
    assert section == {"[Unit]", "[Service]", "[Install]"}


def test_it_is_given_the_time_it_needs_to_stop(unit: list[str]) -> None:
    from gateway.engine.server import CANCELLED_S, FINISH_S
    from wenzheng.settings import Settings

    assert int(value(unit, "TimeoutStopSec")) > Settings().times.drain_s + FINISH_S + CANCELLED_S


def test_as_many_files_may_be_open_as_the_limits_promise(unit: list[str]) -> None:
    from wenzheng.checks import RESERVED_FILES
    from wenzheng.settings import Settings

    assert int(value(unit, "LimitNOFILE")) >= Settings().limits.sockets + RESERVED_FILES


def test_systemd_understands_it(unit: list[str], tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        # Where systemd is, it has the last word; elsewhere the list of directives above is all that can be said.
        test_every_directive_is_one_of_systemds(unit)
        return
    known = tmp_path / "wenzheng.service"
    text = "\n".join(unit).replace("/opt/wenzheng/bin/wenzheng", "/bin/true").replace("=wenzheng\n", "=root\n")
    known.write_text(text + "\n", encoding="utf-8")
    verified = subprocess.run(
        [analyze, "verify", "--man=no", known], capture_output=True, text=True, timeout=60, check=False
    )
    about_ours = [line for line in verified.stderr.splitlines() if "wenzheng.service" in line]
    assert about_ours == []


def test_ready_is_told_when_it_answers_and_stopping_when_it_ends(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        server = ServerProcess(tmp_path, settings={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        server.start()
        assert manager.recv(64) == b"READY=1"
        assert server.stop() == 0
        assert manager.recv(64) == b"STOPPING=1"


def test_of_several_workers_only_their_supervisor_speaks() -> None:
    from wenzheng.service_manager import unheard

    assert unheard({"NOTIFY_SOCKET": "/run/systemd/notify", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_a_manager_that_went_away_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wenzheng.service_manager import tell

    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    tell("READY=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    tell("READY=1")
