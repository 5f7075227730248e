"""`wenzheng conformance`: who it is, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator

import pytest

from wenzheng.cli import main
from wenzheng.conformance import command, suite
from wenzheng.conformance.command import CannotCheck, accounts_of, as_json, line, summary
from wenzheng.conformance.people import DEMO, Account
from wenzheng.conformance.target import Target, target_of
from wenzheng.conformance.verdict import Result

HERE, AWAY = target_of("http://127.0.0.1:8000"), target_of("https://wz.example")
NOBODY: dict[str, str | None] = {"host": None, "moderator": None, "respondent": None}
NAMED: dict[str, str | None] = {"host": "h", "moderator": "m", "respondent": "r"}
RESULTS = [Result("lanes.order", "json", 0.1, None), Result("lanes.order", "msgpack", 0.2, "a hole: 3 came after 1")]


def test_demo_accounts_are_for_loopback_only() -> None:
    assert accounts_of(HERE, NOBODY, {}) == DEMO
    with pytest.raises(CannotCheck, match="--moderator"):
        accounts_of(AWAY, NOBODY, {})


def test_passwords_come_from_the_environment() -> None:
    found = accounts_of(AWAY, NAMED, {"CONFORMANCE_PASSWORD": "all", "CONFORMANCE_HOST_PASSWORD": "own"})
    assert (found.host, found.moderator) == (Account("h", "own"), Account("m", "all"))
    with pytest.raises(CannotCheck, match="CONFORMANCE_HOST_PASSWORD"):
        accounts_of(AWAY, NAMED, {})
    with pytest.raises(CannotCheck, match="--respondent"):
        accounts_of(HERE, {**NAMED, "respondent": None}, {"CONFORMANCE_PASSWORD": "all"})


def test_a_line_says_which_check_in_which_codec_and_what_is_wrong() -> None:
    assert line(RESULTS[0]).split() == ["pass", "json", "lanes.order", "0.10", "s"]
    assert line(RESULTS[1]).startswith("FAIL  msgpack  lanes.order")
    assert line(RESULTS[1]).endswith("a hole: 3 came after 1")
    assert summary(RESULTS) == "2 checks, 1 failed"


def test_json_says_the_same() -> None:
    told = json.loads(as_json(HERE, RESULTS))
    assert (told["url"], told["failed"]) == ("http://127.0.0.1:8000", 1)
    assert [one["passed"] for one in told["checks"]] == [True, False]
    assert told["checks"][1]["problem"] == "a hole: 3 came after 1"


@pytest.fixture
def settings_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """The machine's own settings and passwords have no say here."""
    monkeypatch.chdir(str(tmp_path))
    for name in list(os.environ):
        if name.startswith(("WENZHENG_", "CONFORMANCE_")):
            monkeypatch.delenv(name)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nothing listens, kept so for as long as the test runs."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def test_where_nobody_answers_one_line_says_so(
    nobody: str, settings_apart: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["conformance", nobody]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"wenzheng: {nobody} does not answer")
    assert said.err.count("\n") == 1


def test_a_check_that_is_none_is_named(settings_apart: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conformance", "http://127.0.0.1:1", "--only", "lanes.colour"]) == 1
    assert "lanes.colour" in capsys.readouterr().err


@pytest.mark.parametrize(("problem", "code"), [(None, 0), ("a hole", 1)])
def test_the_exit_code_says_whether_anything_failed(
    problem: str | None,
    code: int,
    settings_apart: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def checked(target: Target, accounts: object, plan: suite.Plan, tell: object) -> list[Result]:
        assert plan.codecs == ("json",)
        return [Result("lanes.order", "json", 0.1, problem)]

    monkeypatch.setattr(command, "checked", checked)
    assert main(["conformance", "http://127.0.0.1:1", "--codec", "json", "--json"]) == code
    assert json.loads(capsys.readouterr().out)["failed"] == code
