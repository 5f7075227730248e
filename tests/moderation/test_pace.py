"""Five at once, then one each ten seconds, for a netizen and room."""

from __future__ import annotations

import pytest

from kernel.clock import FrozenClock
from kernel.refusals import Refusal
from moderation.pace import Pace


def test_five_at_once_then_one_each_ten_seconds() -> None:
    clock = FrozenClock()
    pace = Pace(clock)
    for _ in range(5):
        pace.take("lin")
    with pytest.raises(Refusal) as refused:
        pace.take("lin")
    assert refused.value == Refusal("rate", retry_ms=10_000)

    clock.advance(9_999)
    with pytest.raises(Refusal) as refused:
        pace.take("lin")
    assert refused.value.retry_ms == 1

    clock.advance(1)
    pace.take("lin")
    with pytest.raises(Refusal):
        pace.take("lin")


def test_waiting_exactly_as_told_is_enough() -> None:
    clock = FrozenClock()
    pace = Pace(clock)
    for _ in range(20):
        try:
            pace.take("lin")
        except Refusal as refusal:
            clock.advance(refusal.retry_ms or 0)
            pace.take("lin")


def test_a_rest_fills_the_bucket_and_no_more() -> None:
    clock = FrozenClock()
    pace = Pace(clock)
    pace.take("lin")
    clock.advance(3_600_000)
    for _ in range(5):
        pace.take("lin")
    with pytest.raises(Refusal):
        pace.take("lin")


def test_a_refund_gives_one_back() -> None:
    pace = Pace(FrozenClock())
    for _ in range(5):
        pace.take("lin")
    pace.refund("lin")
    pace.take("lin")
    with pytest.raises(Refusal):
        pace.take("lin")


def test_a_refund_never_makes_more_than_a_full_bucket() -> None:
    pace = Pace(FrozenClock())
    pace.take("lin")
    for _ in range(3):
        pace.refund("lin")
    for _ in range(5):
        pace.take("lin")
    with pytest.raises(Refusal):
        pace.take("lin")


def test_one_does_not_wait_for_another() -> None:
    pace = Pace(FrozenClock())
    for _ in range(5):
        pace.take(("room", "lin"))
    pace.take(("room", "mo"))
    pace.take(("other", "lin"))


def test_memory_is_bounded_and_the_longest_unseen_is_forgotten() -> None:
    pace = Pace(FrozenClock(), keys_max=3)
    for key in ("a", "b", "c"):
        pace.take(key)
    pace.take("a")
    pace.take("d")
    assert len(pace) == 3
    for _ in range(3):
        pace.take("a")
    with pytest.raises(Refusal):
        pace.take("a")
    for _ in range(5):
        pace.take("b")  # forgotten: as if never seen
