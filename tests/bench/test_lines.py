"""A figure of the bench: what it says of its rounds, and whether that shows what must be."""

from __future__ import annotations

import pytest

from bench.lines import Line, shown


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([1.0, 1.1, 9.0], "aim"),
        ([1.2], "aim"),
        ([1.3, 1.5, 1.5], "must"),
        ([1.0, 1.6, 1.6], "missed"),
        ([], "not measured"),
    ],
)
def test_the_median_of_the_rounds_decides(values: list[float], verdict: str) -> None:
    assert Line("fanout", "a ratio", values, must=1.5, aim=1.2).verdict == verdict


def test_a_line_without_a_limit_decides_nothing() -> None:
    assert Line("fanout", "a cost", [1e9]).verdict == "told"


def test_a_limit_of_nothing_is_kept_by_nothing_alone() -> None:
    assert Line("slow", "not cut", [0], must=0, aim=0).verdict == "aim"
    assert Line("slow", "not cut", [1], must=0, aim=0).verdict == "missed"


def test_the_spread_is_the_lowest_and_the_highest_round() -> None:
    assert Line("fanout", "a ratio", [3.0, 0.5, 12.0]).spread == "0.50–12.0"
    assert Line("fanout", "a ratio", [3.0]).spread == ""


@pytest.mark.parametrize(("value", "text"), [(0.0512, "0.05"), (9.996, "10.00"), (12.34, "12.3"), (237.6, "238")])
def test_three_figures_are_shown(value: float, text: str) -> None:
    assert shown(value) == text
