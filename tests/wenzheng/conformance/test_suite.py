"""Which checks are run."""

from __future__ import annotations

import pytest

from wenzheng.conformance.suite import CHECKS, plan


def test_checks_are_chosen_by_name_or_group() -> None:
    assert plan([]).checks == tuple(CHECKS)
    assert plan(["states", "hello.first"]).checks == (
        "hello.first",
        "states.paused",
        "states.bad-step",
        "states.closed",
    )
    with pytest.raises(ValueError, match=r"lanes\.nothing"):
        plan(["lanes.nothing"])
