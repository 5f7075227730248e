"""Whom the edge counts, and under what name; how it counts is in `tests/contracts/limits/`."""

from __future__ import annotations

import pytest

from gateway.options import Limits
from gateway.throttle import Throttle
from kernel.allowances import OwnAllowances
from kernel.clock import FrozenClock
from kernel.refusals import Refusal

pytestmark = pytest.mark.anyio

LIMITS = Limits(sign_ins_per_minute=4, guests_per_minute=6, commands_netizen=(10.0, 20))


async def spent(throttle: Throttle, what: str, whose: str, times: int = 200) -> int:
    """How many of `times` were allowed."""
    allowed = 0
    for _ in range(times):
        try:
            await throttle.spend(what, whose)
        except Refusal:
            continue
        allowed += 1
    return allowed


async def test_each_door_has_its_own_allowance(clock: FrozenClock) -> None:
    throttle = Throttle(LIMITS, clock)
    assert [await spent(throttle, door, "10.0.0.1") for door in ("sign_in", "guest", "accept")] == [4, 6, 120]

    clock.advance(30_000)
    assert [await spent(throttle, door, "10.0.0.1") for door in ("sign_in", "guest", "accept")] == [2, 3, 60]


async def test_commands_come_at_the_sockets_rates(clock: FrozenClock) -> None:
    throttle = Throttle(LIMITS, clock)
    assert await spent(throttle, "command_netizen", "g:somebody") == 20

    clock.advance(1_000)
    assert await spent(throttle, "command_netizen", "g:somebody") == 10


async def test_addresses_are_counted_apart_and_a_household_together(clock: FrozenClock) -> None:
    throttle = Throttle(LIMITS, clock)
    assert await spent(throttle, "sign_in", "10.0.0.1") == 4
    assert await spent(throttle, "sign_in", "10.0.0.2") == 4
    assert await spent(throttle, "sign_in", "2001:db8::1", 1) + await spent(throttle, "sign_in", "2001:db8::2") == 4


async def test_addresses_are_counted_with_other_nodes_and_commands_are_not(clock: FrozenClock) -> None:
    shared = OwnAllowances(clock)
    near, far = (Throttle(LIMITS, clock, shared) for _ in range(2))
    assert await spent(near, "sign_in", "10.0.0.1", 3) + await spent(far, "sign_in", "10.0.0.1") == 4
    assert [await spent(node, "command_netizen", "g:somebody") for node in (near, far)] == [20, 20]
