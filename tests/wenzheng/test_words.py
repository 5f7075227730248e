"""Word lists from the command line, and the file in the settings that a list begins with."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

import httpx2
import pytest
import structlog

from tests.gateway.outside import signature
from tests.services.server import ServerProcess
from wenzheng.cli import main

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """`wenzheng moderation words …` on a migrated store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WENZHENG_DATA_DIR", str(tmp_path))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    assert main(["migrate"]) == 0
    capsys.readouterr()

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["moderation", "words", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    yield run
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_a_file_goes_in_and_comes_out(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "terms.csv"
    file.write_text("\ufeffterm,category,action\n黑车,营运,hold\n卖票,广告,refuse\n", encoding="utf-8")

    code, said, _ = command("import", str(file), "--reason", "每季清理")

    assert code == 0
    assert said.startswith("city v1 · 2 terms · ")
    assert said.rstrip().endswith("· 每季清理")
    assert command("list")[1] == "city v1\n"
    assert "每季清理" in command("list", "--versions")[1]
    assert command("export")[1] == "term,category,action,match\n黑车,营运,hold,plain\n卖票,广告,refuse,plain\n"
    assert command("export", "--format", "txt", "--version", "1")[1] == "黑车\n卖票\n"


def test_a_dry_run_counts_and_stores_nothing(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("黑车\n", encoding="utf-8")

    code, said, _ = command("dry-run", str(file))

    assert code == 0
    assert json.loads(said) == {"tried": 0, "held": 0, "refused": 0, "let_through": 0}
    assert command("list")[1] == ""


@pytest.mark.parametrize(
    ("written", "room", "word"),
    [
        (b"term,category,action\n\xe8\xaf\x8d,,explode\n", None, "line 2"),
        (b"a\n\xff\n", None, "line 2"),
        (b"a\n", "x", "no room 'x'"),
        ("term,category\n词,".encode() + b"x" * 33, None, "line 2"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    command: Command, tmp_path: Path, written: bytes, room: str | None, word: str
) -> None:
    file = tmp_path / "terms.txt"
    file.write_bytes(written)

    code, out, errors = command("import", str(file), "--reason", "r", *(("--room", room) if room else ()))

    assert (code, out) == (1, "")
    assert word in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("asked", [("list",), ("export",), ("dry-run", "terms.txt")])
def test_a_room_there_is_not_has_no_list(command: Command, tmp_path: Path, asked: tuple[str, ...]) -> None:
    (tmp_path / "terms.txt").write_text("a\n", encoding="utf-8")

    assert command(*asked, "--room", "x")[0::2] == (1, "wenzheng: there is no room 'x'\n")


@pytest.fixture
def called() -> Iterator[tuple[str, Queue[tuple[dict[str, str], bytes]]]]:
    """The address of somebody who is told of alarms, and what they heard."""
    heard: Queue[tuple[dict[str, str], bytes]] = Queue()

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            head = {name.lower(): value for name, value in self.headers.items()}
            heard.put((head, self.rfile.read(int(head["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing of it belongs into the output of a test."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Ear) as there:
        threading.Thread(target=there.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{there.server_port}/alarms", heard
        there.shutdown()


def test_what_the_settings_name_is_taken_up_at_the_start(
    tmp_path: Path, called: tuple[str, Queue[tuple[dict[str, str], bytes]]]
) -> None:
    """The list's beginning, and who is told that what the demonstration left waits for too long."""
    file, (url, heard), secret = tmp_path / "begins.txt", called, "sixteen characters and more"
    file.write_text("黑车\n", encoding="utf-8")
    settings = {
        "WENZHENG_MODERATION__TERMS_FILE": str(file),
        "WENZHENG_MODERATION__ALARM_URL": url,
        "WENZHENG_MODERATION__ALARM_SECRET": secret,
    }
    server = ServerProcess(tmp_path, "--demo", settings=settings).start()
    try:
        head, body = heard.get(timeout=30)
        assert head["x-wenzheng-signature"] == signature(secret, head, body)
        assert (json.loads(body)["alarm"], json.loads(body)["state"]) == ("behind", "on")
        metrics = httpx2.get(server.base + "/metrics", timeout=5, trust_env=False).text
        assert "wenzheng_word_list_version 1.0" in metrics
        assert "wenzheng_alarms_told_total " in metrics
        assert "wenzheng_evidence_erased_total 0.0" in metrics
        assert "words" not in httpx2.get(server.base + "/readyz", timeout=5, trust_env=False).json()
        assert server.stop() == 0
    finally:
        server.kill()
    assert "word list city v1 in force: 1 terms" in server.log()
    assert secret not in server.log()
    assert url not in server.log()
