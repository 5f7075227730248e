"""`wenzheng rehearse`: what it refuses, whom it asks for, and how it ends."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from wenzheng.cli import main
from wenzheng.conformance.people import Account
from wenzheng.conformance.target import target_of
from wenzheng.conformance.verdict import Unreachable
from wenzheng.rehearsal import command
from wenzheng.rehearsal.people import Accounts, accounts_of
from wenzheng.rehearsal.plan import Plan
from wenzheng.rehearsal.report import Report

HERE, AWAY = "http://127.0.0.1:1", "https://wz.example"


@pytest.fixture(autouse=True)
def settings_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """The machine's own settings and passwords have no say here."""
    monkeypatch.chdir(str(tmp_path))
    for name in list(os.environ):
        if name.startswith(("WENZHENG_", "REHEARSAL_")):
            monkeypatch.delenv(name)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["rehearse", *words]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    return said.err


def test_another_machine_is_left_alone_unless_it_is_ones_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert "--yes-i-run-this-server" in refused(capsys, AWAY)
    assert "--moderator" in refused(capsys, AWAY, "--yes-i-run-this-server")
    named = ("--yes-i-run-this-server", "--moderator", "m", "--host", "h")
    assert "REHEARSAL_MODERATOR_PASSWORD" in refused(capsys, AWAY, *named)


def test_what_is_out_of_bounds_or_no_address_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--viewers" in refused(capsys, HERE, "--viewers", "1000000")
    assert "http://" in refused(capsys, "wz.example")
    assert "does not answer" in refused(capsys, HERE)


def test_passwords_come_from_the_environment_and_a_host_only_where_rooms_are_made() -> None:
    environ = {"REHEARSAL_PASSWORD": "all", "REHEARSAL_HOST_PASSWORD": "own"}

    def password(role: str, name: str) -> str:
        return command._password(role, name, environ)

    away, names = target_of(AWAY), {"moderator": "m", "host": "h"}
    assert accounts_of(away, Plan(), names, password) == Accounts(Account("m", "all"), Account("h", "own"))
    given = Plan(given=("r1",))
    assert accounts_of(away, given, {"moderator": "m", "host": None}, password) == Accounts(Account("m", "all"), None)
    with pytest.raises(Unreachable, match="--host"):
        accounts_of(away, Plan(), {"moderator": "m", "host": None}, password)


def test_on_a_terminal_a_password_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"said to {prompt}")
    assert command._password("host", "h", {}) == "said to password of h (host): "


@pytest.mark.parametrize(("end", "code"), [("passed", 0), ("missed", 1), ("interrupted", 130)])
def test_the_exit_code_is_the_verdict(
    end: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def rehearse(target: object, plan: Plan, accounts: object, show: object) -> Report:
        assert (plan.viewers, plan.rooms, plan.given, plan.rate) == (7, 2, ("a", "b"), 0.5)
        report = Report(HERE, plan, joined=6 if end == "missed" else 7, interrupted=end == "interrupted")
        for taken in report.latencies().values():
            taken.add(0.001)
        return report

    monkeypatch.setattr(command, "rehearse", rehearse)
    words = ["--viewers", "7", "--posters", "5", "--room", "a", "--room", "b", "--room", "a", "--json"]
    assert main(["rehearse", HERE, *words]) == code
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["passed"], told["interrupted"]) == (code == 0, code == 130)
