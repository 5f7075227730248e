"""Logs: JSON for machines, and neither tokens nor the text of posts, whoever logs them and however."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from wenzheng.logs import CONCEALED, conceal, configure, without_query
from wenzheng.settings import LogSettings

BODY = "起步价为什么是两元"
TOKEN = "s1.0123456789abcdef"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def entries(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_entry_is_one_line_of_json_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    logging.getLogger("rooms.hub").info("room %s opened", "r1", extra={"viewers": 3})
    (entry,) = entries(capsys)
    assert entry["event"] == "room r1 opened"
    assert (entry["logger"], entry["level"], entry["viewers"]) == ("rooms.hub", "info", 3)
    assert entry["timestamp"].endswith("Z")


def test_each_entry_of_one_of_several_workers_carries_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"), worker=3)
    logging.getLogger("rooms.hub").info("of the standard library")
    structlog.get_logger("x").warning("of structlog", worker="somebody else's")
    assert [entry["worker"] for entry in entries(capsys)] == [3, 3]


def test_readable_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="text"))
    logging.getLogger("x").warning("开播 %d", 3)
    assert "开播 3" in capsys.readouterr().err


def test_the_level_is_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json", level="warning"))
    logging.getLogger("x").info("quiet")
    logging.getLogger("x").warning("loud")
    assert [entry["event"] for entry in entries(capsys)] == ["loud"]


@pytest.mark.parametrize("name", ["token", "session_token", "ticket", "password", "secret", "Authorization", "cookie"])
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: {"deep": [value]}])
def test_fields_with_telling_names_are_emptied(name: str, wrap: Any) -> None:
    shown = conceal(None, "info", {"event": "x", "frame": wrap({name: TOKEN, "body": BODY, "id": "p1"})})
    assert TOKEN not in json.dumps(shown, ensure_ascii=False)
    assert BODY not in json.dumps(shown, ensure_ascii=False)
    assert "p1" in json.dumps(shown)


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: Bearer {TOKEN}",
        f"hello token={TOKEN} lang=en",
        f'{{"token": "{TOKEN}", "id": 1}}',
        f"cannot reach postgresql://wz:{TOKEN}@db/wenzheng",
    ],
)
def test_tokens_are_cut_out_of_text(line: str) -> None:
    assert TOKEN not in str(conceal(None, "info", {"event": line})["event"])


def test_a_database_error_does_not_quote_what_citizens_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    try:
        raise RuntimeError(
            f"(sqlite3.IntegrityError) UNIQUE\n[SQL: INSERT INTO post_version VALUES (?)]\n[parameters: ('{BODY}',)]\n"
        )
    except RuntimeError:
        logging.getLogger("persistence").exception("commit failed")
    text = capsys.readouterr().err
    assert "UNIQUE" in text
    assert BODY not in text


def test_local_variables_stay_out_of_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="text"))
    kept = f"{BODY}!"
    try:
        raise ValueError(len(kept))
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert BODY not in capsys.readouterr().err


def test_structlogs_own_loggers_are_concealed_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    structlog.get_logger("x").warning("asked", body=BODY, room="r1")
    (entry,) = entries(capsys)
    assert (entry["event"], entry["room"], entry["body"]) == ("asked", "r1", CONCEALED)


def test_access_entries_have_no_query_string() -> None:
    record = logging.LogRecord("uvicorn.access", 20, "", 0, "%s %s %s %s %d", None, None)
    record.args = ("127.0.0.1:1", "GET", "/rooms/r1?ask=secret", "1.1", 200)
    assert without_query(record)
    assert "secret" not in record.getMessage()
