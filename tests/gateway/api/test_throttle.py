"""Buckets drip evenly, forget within bounds, and count a household once."""

from __future__ import annotations

import pytest

from gateway.throttle import Buckets
from kernel.clock import FrozenClock
from kernel.refusals import Refusal


def spent(buckets: Buckets, address: str, times: int) -> int:
    """How many of `times` were allowed."""
    allowed = 0
    for _ in range(times):
        try:
            buckets.spend(address)
        except Refusal:
            continue
        allowed += 1
    return allowed


def test_a_minutes_worth_at_once_then_as_it_drips() -> None:
    clock = FrozenClock()
    buckets = Buckets(clock, per_minute=60)
    assert spent(buckets, "10.0.0.1", 100) == 60

    clock.advance(10_000)
    assert spent(buckets, "10.0.0.1", 100) == 10
    clock.advance(3_600_000)
    assert spent(buckets, "10.0.0.1", 100) == 60


def test_a_burst_may_be_smaller_than_a_minutes_worth() -> None:
    clock = FrozenClock()
    buckets = Buckets(clock, per_minute=600, burst=20)
    assert spent(buckets, "g:somebody", 100) == 20

    clock.advance(1_000)
    assert spent(buckets, "g:somebody", 100) == 10


def test_the_wait_that_is_told_is_enough() -> None:
    clock = FrozenClock()
    buckets = Buckets(clock, per_minute=7)
    spent(buckets, "10.0.0.1", 7)
    with pytest.raises(Refusal) as refused:
        buckets.spend("10.0.0.1")
    assert refused.value.code.name == "rate"

    clock.advance(refused.value.retry_ms or 0)
    buckets.spend("10.0.0.1")


def test_addresses_are_counted_apart_and_a_household_together() -> None:
    buckets = Buckets(FrozenClock(), per_minute=2)

    assert spent(buckets, "10.0.0.1", 3) == 2
    assert spent(buckets, "10.0.0.2", 3) == 2
    assert spent(buckets, "2001:db8::1", 1) + spent(buckets, "2001:db8::2", 3) == 2


def test_memory_is_bounded_and_the_longest_untouched_goes_first() -> None:
    buckets = Buckets(FrozenClock(), per_minute=1, keys_max=3)
    for n in range(4):
        buckets.spend(f"10.0.0.{n}")

    assert len(buckets) == 3
    assert spent(buckets, "10.0.0.3", 1) == 0
    assert spent(buckets, "10.0.0.0", 1) == 1


def test_a_clock_set_back_locks_nobody_out_for_longer() -> None:
    clock = FrozenClock()
    buckets = Buckets(clock, per_minute=60)
    spent(buckets, "10.0.0.1", 60)
    clock.advance(-3_600_000)
    assert spent(buckets, "10.0.0.1", 1) == 0

    clock.advance(1_000)
    assert spent(buckets, "10.0.0.1", 5) == 1
