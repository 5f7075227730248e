"""How much may be rehearsed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wenzheng.rehearsal.plan import RATE_MAX, VIEWERS_MAX, Budget, Plan, usual_rate


def test_the_usual_rate_is_what_the_pace_allows_and_one_moderator_can_do() -> None:
    assert usual_rate(20) == 2.0
    assert usual_rate(2_000) == RATE_MAX


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"viewers": 0}, "--viewers"),
        ({"viewers": VIEWERS_MAX + 1}, "--viewers"),
        ({"posters": 0}, "--posters"),
        ({"rooms": 0}, "--rooms"),
        ({"rooms": 3, "viewers": 2}, "--rooms"),
        ({"seconds": 0.0}, "--seconds"),
        ({"seconds": float("nan")}, "--seconds"),
        ({"rate": RATE_MAX + 1}, "--rate"),
        ({"arrivals": 0}, "--arrivals"),
        ({"budget": Budget(page=0)}, "--page-ms"),
    ],
)
def test_what_is_out_of_bounds_is_named(change: dict[str, Any], named: str) -> None:
    plan = Plan()
    plan.check()
    with pytest.raises(ValueError, match=named):
        replace(plan, **change).check()
