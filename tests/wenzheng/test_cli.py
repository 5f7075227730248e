"""The commands as an operator types them: what they do, and one clear line and a code when they cannot."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.services.server import ServerProcess
from wenzheng.cli import main

Command = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    ["serve"],
    ["migrate"],
    ["check-config"],
    ["department", "add"],
    ["user", "add"],
    ["export"],
    ["moderation", "words", "import"],
    ["backup"],
    ["restore"],
    ["renew-epochs"],
    ["doctor"],
    ["moderation", "check"],
)


def in_a_process(data: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "wenzheng", *arguments],
        cwd=data,
        env={**kept, "PYTHONPATH": str(ROOT), "WENZHENG_DATA_DIR": str(data), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refused(data: Path, *arguments: str, **environ: str) -> str:
    """The one line on standard error of a process that fails."""
    ended = in_a_process(data, *arguments, **environ)
    assert ended.returncode == 1, ended.stdout
    assert ended.stdout == ""
    return the_line(ended.stderr)


def the_line(errors: str) -> str:
    (line,) = errors.splitlines()
    assert line.startswith("wenzheng: ")
    return line


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """For commands run in this process, which is quicker: a folder of their own, and logging as it was before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WENZHENG_DATA_DIR", str(tmp_path))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield tmp_path
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def command(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    def run(*arguments: str, given: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        code = main(arguments)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: wenzheng {' '.join(words)}")


def test_a_first_deployment(command: Command) -> None:
    code, _, errors = command("department", "add", "price", "市物价局")
    assert code == 1
    assert "wenzheng migrate" in the_line(errors)

    assert command("migrate")[0] == 0
    assert command("migrate")[0] == 0
    assert command("department", "add", "price", "市物价局")[0] == 0
    code, _, errors = command("department", "add", "price", "市物价局")
    assert code == 1
    assert "price" in the_line(errors)

    code, made, _ = command("user", "add", "price1", "--role", "respondent", "--department", "price")
    assert code == 0
    assert "password" in made
    code, *shown = command("user", "add", "host", "--role", "host", "--password-stdin", given="correct horse\n")
    assert code == 0
    assert "correct horse" not in "".join(shown)
    assert command("export") == (0, "", "0 rooms exported\n")


@pytest.mark.parametrize(
    ("arguments", "given", "word"),
    [
        (["user", "add", "taken", "--role", "host"], "", "taken"),
        (["user", "add", "x", "--role", "respondent", "--department", "nowhere"], "", "nowhere"),
        (["user", "add", "x", "--role", "host", "--password-stdin"], "short\n", "characters"),
        (["department", "add", "市", "x"], "", "letters"),
        (["department", "add", "x", " "], "", "name"),
        (["export", "--room", "none"], "", "no_room"),
        (["export", "--out", "no/such/folder"], "", "no/such/folder"),
    ],
)
def test_what_the_store_does_not_take_is_one_line(
    command: Command, arguments: list[str], given: str, word: str
) -> None:
    assert command("migrate")[0] == 0
    assert command("user", "add", "taken", "--role", "host", "--password-stdin", given="correct horse\n")[0] == 0
    code, out, errors = command(*arguments, given=given)
    assert (code, out) == (1, "")
    assert word in the_line(errors)


def test_an_export_is_the_public_record(command: Command, here: Path) -> None:
    server = ServerProcess(here, "--demo").start()
    assert server.stop() == 0
    lines = [json.loads(line) for line in command("export")[1].splitlines()]
    assert len(lines) >= 2
    for record in lines:
        assert record["items"] == sorted(record["items"], key=lambda item: int(item["s"]))
    assert command("export", "--room", lines[0]["room"]["id"], "--format", "md")[1].startswith("# ")
    assert command("export", "--format", "csv", "--out", "out.csv")[0] == 0
    assert (here / "out.csv").read_text(encoding="utf-8").count('"seq"') == len(lines)


def test_check_config_says_what_differs(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WENZHENG_SERVER__PORT", "9000")
    monkeypatch.setenv("WENZHENG_STORE__URL", "postgresql://a:b@c/d")
    assert main(["check-config"]) == 0
    told = capsys.readouterr().out
    assert "server.port = 9000" in told
    assert "a:b" not in told


@pytest.mark.parametrize(
    ("arguments", "environ", "word"),
    [
        (["serve", "--workers", "2"], {}, "SQLite"),
        (["serve", "--workers", "2"], {"WENZHENG_STORE__URL": "postgresql://a@127.0.0.1:1/b"}, "bus"),
        (["serve", "--workers", "0"], {}, "server.workers"),
        (["serve", "--port", "70000"], {}, "--port"),
        (["serve", "--demo", "--host", "0.0.0.0"], {}, "loopback"),
        (["serve", "--demo"], {"WENZHENG_SERVER__HOST": "::"}, "loopback"),
        (["serve", "--crowd"], {}, "--demo"),
        (["serve"], {"WENZHENG_BUS__URL": "http://127.0.0.1"}, "bus.url"),
        (["serve"], {"WENZHENG_BUS__URL": "redis://"}, "bus.url"),
        (["serve"], {"WENZHENG_NO_SUCH__KEY": "1"}, "no_such.key"),
        (["serve", "--config", "none.toml"], {}, "none.toml"),
        (["check-config"], {"WENZHENG_SERVER__POORT": "1"}, "server.poort"),
        (["check-config"], {"WENZHENG_SERVER__WORKERS": "3"}, "server.workers"),
        (["check-config", "--config", "bad.toml"], {}, "limits.depth"),
        (["check-config"], {"WENZHENG_MODERATION__TERMS_FILE": "none.txt"}, "moderation.terms_file"),
        (["check-config"], {"WENZHENG_MODERATION__HOOK_URL": "http://127.0.0.1/j"}, "moderation.hook_secret"),
        (["check-config"], {"WENZHENG_MODERATION__ALARM_URL": "http://127.0.0.1/j"}, "moderation.alarm_secret"),
        (["check-config"], {"WENZHENG_VOUCHING__URL": "https://id.city.example/"}, "vouching.secret"),
        (["check-config"], {"WENZHENG_VOUCHING__SECRET": "x" * 31}, "vouching.secret"),
        (["check-config"], {"WENZHENG_MODERATION__PLUGINS": "no.such:judge"}, "no.such:judge"),
        (["user", "add", "x", "--role", "respondent"], {}, "--department"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    environ: dict[str, str],
    word: str,
) -> None:
    (here / "bad.toml").write_text("[limits]\ndepth = 0\n", encoding="utf-8")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(arguments) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert word in the_line(shown.err)


@pytest.mark.parametrize(
    ("arguments", "environ", "word"),
    [
        ([], {"WENZHENG_STORE__URL": "postgresql://a@127.0.0.1:1/b"}, "store"),
        ([], {"WENZHENG_STORE__URL": "sqlite:////proc/none/x.db"}, "/proc/none"),
        (["--host", "203.0.113.7", "--port", "1"], {}, "listen"),
    ],
)
def test_a_start_that_fails_says_so_in_one_line(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], word: str
) -> None:
    assert word in refused(tmp_path, "serve", *arguments, **environ)


@pytest.mark.parametrize("arguments", [["dance"], [], ["user"], ["user", "add", "x", "--role", "king"]])
def test_words_nobody_knows_are_a_usage_error_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("wenzheng")
    assert said.endswith(" --help)\n")
    assert said.count("\n") == 1
    assert "<" not in said, "a role is shown as it is typed"
