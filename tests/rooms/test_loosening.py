"""A change of policy is looser or not, field by field; what the table does not know counts as looser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rooms import loosening
from rooms.loosening import loosened
from rooms.model import Policy, StaffReview, TrustPass

STRICT: dict[str, Any] = {
    "premoderate": True,
    "staff": StaffReview.REVIEW,
    "guests": False,
    "before": False,
    "after": False,
    "slow_ms": 60_000,
    "trust": TrustPass.NOBODY,
    "two_person": True,
}
LOOSE: dict[str, Any] = {
    "premoderate": False,
    "staff": StaffReview.AUTO,
    "guests": True,
    "before": True,
    "after": True,
    "slow_ms": 0,
    "trust": TrustPass.KNOWN,
    "two_person": False,
}


@pytest.mark.parametrize("name", STRICT)
def test_one_way_is_looser_and_the_other_is_not(name: str) -> None:
    strict, loose = replace(Policy(), **{name: STRICT[name]}), replace(Policy(), **{name: LOOSE[name]})

    assert loosened(strict, loose) == (name,)
    assert loosened(loose, strict) == ()
    assert loosened(strict, strict) == ()


def test_one_that_is_looser_among_many_that_are_stricter_is_told() -> None:
    was = replace(Policy(**STRICT), premoderate=False)

    assert loosened(was, replace(Policy(**STRICT), slow_ms=1)) == ("slow_ms",)


def test_a_field_without_a_rule_is_taken_for_looser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loosening, "_LOOSER", {})

    assert loosened(Policy(**LOOSE), Policy(**STRICT)) == tuple(STRICT)
