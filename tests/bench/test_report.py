"""The table, the JSON and the picture that a run of the bench leaves behind."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import __main__ as command
from bench import report
from bench.chart import chart
from bench.lines import Line
from bench.machine import CannotMeasure
from bench.run import Run, warning

LINES = [
    Line("fanout", "CPU per delivery ÷ floor", [0.1, 0.2, 0.3], 1.5, 1.2, note="joined"),
    Line("fanout", "CPU per delivery ÷ <nchan> & others", [], 1.0, 0.85, note="missing: no nginx"),
    Line("slow", "slow viewers not cut", [3], 0, 0, unit=""),
    Line("fanout", "· floor, saturated", [4.0], unit="µs"),
]


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    return tmp_path


def test_every_line_is_in_the_table_and_in_the_json(results: Path) -> None:
    report.write(LINES, Run(), 12.0)
    rows = (results / "table.md").read_text(encoding="utf-8").splitlines()
    assert "| CPU per delivery ÷ floor | ≤ 1.50 | ≤ 1.20 | 0.20 × | 0.10–0.30 | aim reached; joined |" in rows
    assert "| CPU per delivery ÷ <nchan> & others | ≤ 1.00 | ≤ 0.85 |  |  | not measured; missing: no nginx |" in rows
    told = json.loads((results / "results.json").read_text(encoding="utf-8"))["lines"]
    assert [line["verdict"] for line in told] == ["aim", "not measured", "told", "missed"]


def test_the_picture_is_drawn_of_what_has_a_limit() -> None:
    picture = ElementTree.fromstring(chart(LINES))
    said = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "CPU per delivery ÷ <nchan> & others" in said
    assert "not measured" in said
    assert "· floor, saturated" not in said


def test_no_bar_leaves_the_picture() -> None:
    picture = ElementTree.fromstring(chart([Line("fanout", "far beyond", [1e6], 1.0, 0.5)]))
    bars = [bar for bar in picture.iter("{http://www.w3.org/2000/svg}rect") if bar.get("x")]
    assert all(float(bar.get("x", 0)) + float(bar.get("width", 0)) <= 960 for bar in bars)


@pytest.mark.parametrize(
    ("lines", "code"), [(LINES[:2], 0), (LINES, 1)], ids=["a peer is not there", "something that must be is missed"]
)
def test_the_command_fails_only_for_what_must_be(
    results: Path, monkeypatch: pytest.MonkeyPatch, lines: list[Line], code: int
) -> None:
    _with_parts(monkeypatch, lambda run: lines)
    assert command.main(["one"]) == code


def test_a_part_that_could_not_be_measured_is_named_and_fails(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(run: Run) -> list[Line]:
        raise CannotMeasure("7 items never came")

    _with_parts(monkeypatch, broken)
    assert command.main(["one"]) == 1
    assert "7 items never came" in (results / "table.md").read_text(encoding="utf-8")


def test_without_a_compiler_it_says_so_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert command.main(["fanout"]) == 1
    assert "no C compiler (cc)" in capsys.readouterr().out


def test_an_unknown_word_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["fanuot"]) == 2
    assert "fanuot" in capsys.readouterr().out


def _with_parts(monkeypatch: pytest.MonkeyPatch, measure: object) -> None:
    monkeypatch.setattr(command, "PARTS", {"one": measure})
    monkeypatch.setattr(command, "programs", dict)
    monkeypatch.setattr(command, "descriptors", lambda: 1)


@pytest.mark.parametrize(("load", "warned"), [(0.3, False), (7.0, True)])
def test_a_run_beside_other_work_says_so(results: Path, load: float, warned: bool) -> None:
    report.write(LINES, Run(beside=warning(load)), 12.0)
    assert ("Others were using" in (results / "table.md").read_text(encoding="utf-8")) is warned
