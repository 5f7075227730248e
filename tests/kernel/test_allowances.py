"""What only the counting of one process does: it forgets within bounds. The rest is in `tests/contracts/limits/`."""

from __future__ import annotations

import pytest

from kernel.allowances import Allowance, OwnAllowances
from kernel.clock import FrozenClock
from tests.contracts.limits.nodes import let_through

pytestmark = pytest.mark.anyio

FIVE = Allowance("post", 5, 10_000)


async def test_memory_is_bounded_and_the_longest_untouched_is_forgotten(clock: FrozenClock) -> None:
    own = OwnAllowances(clock, keys_max=3)
    for whose in ("a", "b", "c", "a", "d"):
        await own.take(FIVE, whose)

    assert len(own) == 3
    assert await let_through(own, FIVE, "a", 9) == 3
    assert await let_through(own, FIVE, "b", 9) == 5, "forgotten: as if never seen"


async def test_many_names_of_one_allowance_push_out_nobody_of_another(clock: FrozenClock) -> None:
    own = OwnAllowances(clock, keys_max=3)
    await let_through(own, FIVE, "lin", 5)
    for n in range(9):
        await own.take(Allowance("guest", 1, 1_000), f"10.0.0.{n}")

    assert await let_through(own, FIVE, "lin", 1) == 0


async def test_who_is_refused_is_not_forgotten_for_it(clock: FrozenClock) -> None:
    own = OwnAllowances(clock, keys_max=2)
    await let_through(own, FIVE, "lin", 5)
    for whose in ("mo", "an", "he"):
        await let_through(own, FIVE, "lin", 1)
        await own.take(FIVE, whose)

    assert await let_through(own, FIVE, "lin", 1) == 0
