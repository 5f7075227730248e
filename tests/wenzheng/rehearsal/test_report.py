"""What is said in the end."""

from __future__ import annotations

import json

import pytest

from wenzheng.rehearsal.plan import Budget, Plan
from wenzheng.rehearsal.report import Report, as_json, faults, text


@pytest.fixture
def report() -> Report:
    """All went well, within a budget of 50 ms."""
    made = Report("http://127.0.0.1:8000", Plan(viewers=2, budget=Budget(50, 50, 50, 50)), joined=2, asked=1)
    for taken in made.latencies().values():
        for _ in range(200):
            taken.add(0.02)
    return made


def test_within_the_budget_it_has_passed(report: Report) -> None:
    assert faults(report) == []
    assert text(report).splitlines()[-1] == "passed"
    told = json.loads(as_json(report))
    assert (told["passed"], told["latencies"]["screen"]) == (
        True,
        {"count": 200, "p50": 20, "p95": 20, "p99": 20, "max": 20},
    )


@pytest.mark.parametrize("name", ["join", "queued", "screen", "page"])
def test_one_in_a_hundred_may_be_late_and_more_may_not(report: Report, name: str) -> None:
    taken = report.latencies()[name]
    taken.add(0.06)
    taken.add(0.06)
    assert faults(report) == []
    taken.add(0.06)
    (fault,) = faults(report)
    assert fault.endswith("p99 60 ms, the budget is 50 ms")


def test_whatever_went_wrong_is_a_fault(report: Report) -> None:
    report.joined, report.behind = 1, 3
    report.troubles["a hole"], report.refusals["rate"], report.refusals["none"] = 4, 5, 0
    assert faults(report) == [
        "1 of 2 viewers had no room on screen",
        "viewers: a hole, 4 times",
        "refused or missing: rate, 5 times",
        "3 viewers had not seen everything at the end",
    ]
    assert text(report).splitlines()[-1] == "missed"
    assert not json.loads(as_json(report))["passed"]


def test_what_was_never_measured_has_not_passed() -> None:
    assert len(faults(Report("http://127.0.0.1", Plan(viewers=1), joined=1))) == 4


def test_interrupted_it_has_no_verdict(report: Report) -> None:
    report.interrupted = True
    assert text(report).splitlines()[-1] == "interrupted: no verdict"
    assert not json.loads(as_json(report))["passed"]


def test_a_program_that_was_busy_itself_says_so(report: Report) -> None:
    assert "this program itself" not in text(report)
    report.busy = 0.95
    assert "this program itself took 95% of a core" in text(report)
