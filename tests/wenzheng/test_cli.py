"""The commands as an operator types them: what they do, and one clear line and a code when they cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wenzheng.cli import main

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    ["serve"],
    ["migrate"],
    ["check-config"],
    ["department", "add"],
    ["user", "add"],
    ["export"],
)


def wenzheng(data: Path, *arguments: str, given: str | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "wenzheng", *arguments],
        cwd=data,
        env={**kept, "PYTHONPATH": str(ROOT), "WENZHENG_DATA_DIR": str(data), **environ},
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refused(data: Path, *arguments: str, given: str | None = None, **environ: str) -> str:
    """The one line on standard error of a command that fails."""
    ended = wenzheng(data, *arguments, given=given, **environ)
    assert ended.returncode not in (0, None), ended.stdout
    assert ended.stdout == ""
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("wenzheng: ")
    return lines[0]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """For commands that end before they log or start anything: run in this process, which is quicker."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WENZHENG_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: wenzheng {' '.join(command)}")


def test_a_first_deployment(tmp_path: Path) -> None:
    assert "migrate" in refused(tmp_path, "department", "add", "price", "市物价局")
    assert wenzheng(tmp_path, "migrate").returncode == 0
    assert wenzheng(tmp_path, "migrate").returncode == 0
    assert wenzheng(tmp_path, "department", "add", "price", "市物价局").returncode == 0
    assert "price" in refused(tmp_path, "department", "add", "price", "市物价局")

    made = wenzheng(tmp_path, "user", "add", "price1", "--role", "respondent", "--department", "price")
    assert made.returncode == 0
    assert "password" in made.stdout
    given = wenzheng(tmp_path, "user", "add", "host", "--role", "host", "--password-stdin", given="correct horse\n")
    assert given.returncode == 0
    assert "correct horse" not in given.stdout + given.stderr
    assert "host" in refused(tmp_path, "user", "add", "host", "--role", "host")
    assert "nowhere" in refused(tmp_path, "user", "add", "x", "--role", "respondent", "--department", "nowhere")
    assert "characters" in refused(tmp_path, "user", "add", "x", "--role", "host", "--password-stdin", given="short\n")

    exported = wenzheng(tmp_path, "export")
    assert (exported.returncode, exported.stdout) == (0, "")
    assert "no_room" in refused(tmp_path, "export", "--room", "none")


def test_an_export_is_the_public_record(tmp_path: Path) -> None:
    from tests.services.server import ServerProcess

    server = ServerProcess(tmp_path, "--demo").start()
    assert server.stop() == 0
    lines = [json.loads(line) for line in wenzheng(tmp_path, "export").stdout.splitlines()]
    assert len(lines) >= 2
    for record in lines:
        room = record["room"]["id"]
        assert record["items"] == sorted(record["items"], key=lambda item: item["s"])
        assert wenzheng(tmp_path, "export", "--room", room, "--format", "md").stdout.startswith("# ")
    out = tmp_path / "out.csv"
    assert wenzheng(tmp_path, "export", "--format", "csv", "--out", str(out)).returncode == 0
    assert out.read_text(encoding="utf-8").count("seq") >= len(lines)


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
        (["serve"], {"WENZHENG_BUS__URL": "redis://127.0.0.1"}, "bus.url"),
        (["serve"], {"WENZHENG_NO_SUCH__KEY": "1"}, "no_such.key"),
        (["serve", "--config", "none.toml"], {}, "none.toml"),
        (["check-config"], {"WENZHENG_SERVER__POORT": "1"}, "server.poort"),
        (["check-config"], {"WENZHENG_SERVER__WORKERS": "3"}, "server.workers"),
        (["check-config", "--config", "bad.toml"], {}, "limits.depth"),
        (["check-config"], {"WENZHENG_MODERATION__TERMS_FILE": "none.txt"}, "moderation.terms_file"),
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
    (line,) = shown.err.splitlines()
    assert line.startswith("wenzheng: ")
    assert word in line


@pytest.mark.parametrize(
    ("arguments", "environ", "word"),
    [
        ([], {"WENZHENG_STORE__URL": "postgresql://a@127.0.0.1:1/b"}, "store"),
        (["--host", "203.0.113.7", "--port", "1"], {}, "listen"),
    ],
)
def test_a_start_that_fails_says_so_in_one_line(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], word: str
) -> None:
    assert word in refused(tmp_path, "serve", *arguments, **environ)


@pytest.mark.parametrize("arguments", [["dance"], [], ["user"], ["user", "add", "x", "--role", "king"]])
def test_words_nobody_knows_are_a_usage_error(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
