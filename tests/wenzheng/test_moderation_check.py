"""`wenzheng moderation check`: a verdict for each line, whatever stands in it, and one clear line for a bad list."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from moderation.phases import standard_pipeline
from rooms.model import Policy, StaffReview
from wenzheng import moderation_check
from wenzheng.cli import CommandError, main
from wenzheng.moderation_check import judge_lines, read_policy

TERMS = "term,category,action,match\n黑车,营运,hold,plain\n卖票,广告,refuse,plain\n某甲,人名,mask,plain\n"


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    path = tmp_path / "terms.csv"
    path.write_text(TERMS, encoding="utf-8")
    return path


class Output(io.BytesIO):
    """Remembers what had been written whenever it was flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[bytes] = []

    def flush(self) -> None:
        self.flushed.append(self.getvalue())


def checked(terms: Path, given: bytes, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[dict[str, object]]:
    out = Output()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(given)))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
    assert main(["moderation", "check", "--terms", str(terms), *arguments]) == 0
    assert [written.count(b"\n") for written in out.flushed] == list(range(1, len(out.flushed) + 1))
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_line_has_its_verdict_with_the_place_in_the_text_given(
    terms: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = '起步价几元\n坐黑 车去\r\n{"id": 1, "body": "　这里卖票"}\n某甲\n'
    assert checked(terms, given.encode(), monkeypatch) == [
        {"verdict": "admit", "reasons": []},
        {
            "verdict": "hold",
            "reasons": [{"phase": "wordlist", "category": "营运", "term": "黑车", "from": 1, "to": 4}],
        },
        {
            "verdict": "refuse",
            "reasons": [{"phase": "wordlist", "category": "广告", "term": "卖票", "from": 3, "to": 5, "rule": 4}],
        },
        {
            "verdict": "admit",
            "reasons": [{"phase": "wordlist", "category": "人名", "term": "某甲", "from": 0, "to": 2}],
        },
    ]


def test_no_line_ends_it(terms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moderation_check, "LINE_BYTES_MAX", 20_000)
    lines = [
        b"",
        b"\xff\xfe",
        b'{"body": 3}',
        b'{"body": "\\ud800 ' + "黑车".encode() + b'"}',
        b'{"body": "',
        b"{" * 5_000,
        b'{"a":' * 3_000,
        "啊".encode() * 5_000,
        b"x" * 20_001,
        "黑车".encode(),
    ]
    verdicts = checked(terms, b"\n".join(lines), monkeypatch)
    assert [each.get("error") for each in verdicts] == [
        "blank",
        "not UTF-8",
        *[None] * 6,
        "line longer than 20000 bytes",
        None,
    ]
    words = ["refuse", "refuse", "admit", "hold", "admit", "refuse", "refuse", "refuse", "refuse", "hold"]
    assert [each["verdict"] for each in verdicts] == words


def test_premoderation_only_where_the_policy_asks(terms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("slow_ms = 5", encoding="utf-8")
    assert checked(terms, "好".encode(), monkeypatch, "--policy", str(policy))[0]["verdict"] == "admit"
    policy.write_text("premoderate = true", encoding="utf-8")
    (held,) = checked(terms, "好".encode(), monkeypatch, "--policy", str(policy))
    assert held == {"verdict": "hold", "reasons": [{"phase": "premoderation"}]}


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ('{"staff": "review", "slow_ms": 9}', Policy(premoderate=False, staff=StaffReview.REVIEW, slow_ms=9)),
        ("[policy]\nafter = true", Policy(premoderate=False, after=True)),
        ("", Policy(premoderate=False)),
    ],
)
def test_a_policy_is_toml_or_json(text: str, policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / "policy"
    path.write_text(text, encoding="utf-8")
    assert read_policy(path) == policy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("premoderated = true", "unknown key premoderated"),
        ("premoderate = 1", "bad value for premoderate: bool"),
        ("slow_ms = -1", "bad value for slow_ms"),
        ("staff = 'never'", "bad value for staff: none of auto review"),
        ("{]", "neither TOML nor JSON"),
        ("# " + "x" * 70_000, "larger than"),
    ],
)
def test_a_bad_policy_is_refused_by_its_key(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "policy"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=message):
        read_policy(path)


@pytest.mark.parametrize("content", [None, b"\xff", "term,category,action,match\n黑车,,ban,\n".encode()])
def test_a_bad_list_is_one_line_and_an_exit_code(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "terms"
    if content is not None:
        path.write_bytes(content)
    assert main(["moderation", "check", "--terms", str(path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("wenzheng: ")
    assert shown.err.count("\n") == 1


def test_every_line_is_a_first_post() -> None:
    out = Output()
    judge_lines(standard_pipeline(), Policy(premoderate=False), io.BytesIO("同一句话\n".encode() * 9), out)
    assert {json.loads(line)["verdict"] for line in out.getvalue().splitlines()} == {"admit"}
