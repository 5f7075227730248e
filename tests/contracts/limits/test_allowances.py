"""What every way of counting owes: so many at once, then as it comes back, and never a lock-out."""

from __future__ import annotations

import pytest

from kernel.allowances import Allowance, Allowances
from kernel.clock import FrozenClock
from kernel.refusals import Refusal
from tests.contracts.limits.nodes import let_through

pytestmark = pytest.mark.anyio


async def test_a_burst_at_once_then_one_each_interval(node: Allowances, clock: FrozenClock, five: Allowance) -> None:
    assert await let_through(node, five, "lin", 8) == 5
    with pytest.raises(Refusal) as refused:
        await node.take(five, "lin")
    assert refused.value == Refusal("rate", retry_ms=10_000)

    clock.advance(9_999)
    with pytest.raises(Refusal) as refused:
        await node.take(five, "lin")
    assert refused.value.retry_ms == 1

    clock.advance(1)
    assert await let_through(node, five, "lin", 2) == 1


async def test_a_rest_fills_it_and_no_more(node: Allowances, clock: FrozenClock, five: Allowance) -> None:
    await node.take(five, "lin")
    clock.advance(3_600_000)
    assert await let_through(node, five, "lin", 9) == 5


async def test_each_whose_and_each_name_is_counted_apart(node: Allowances, five: Allowance) -> None:
    other = Allowance("revise", 5, 10_000)
    assert await let_through(node, five, "lin", 9) == 5
    assert await let_through(node, five, "mo", 9) == 5
    assert await let_through(node, other, "lin", 9) == 5


@pytest.mark.parametrize("per_minute", [7, 60, 300])
async def test_a_minutes_worth_and_the_wait_that_is_told_is_enough(
    node: Allowances, clock: FrozenClock, per_minute: int
) -> None:
    """Sevenths of a minute have no exact number, and none is lost or won by that."""
    allowance = Allowance.per_minute("guest", per_minute)
    assert await let_through(node, allowance, "10.0.0.1", per_minute + 5) == per_minute
    for _ in range(9):
        with pytest.raises(Refusal) as refused:
            await node.take(allowance, "10.0.0.1")
        clock.advance(refused.value.retry_ms or 0)
        await node.take(allowance, "10.0.0.1")


async def test_what_is_given_back_can_be_taken_again(node: Allowances, five: Allowance) -> None:
    taken = [await node.take(five, "lin") for _ in range(5)]
    await node.refund(taken[0])
    assert await let_through(node, five, "lin", 3) == 1


async def test_giving_back_never_makes_more_than_all(node: Allowances, five: Allowance) -> None:
    taken = await node.take(five, "lin")
    for _ in range(3):
        await node.refund(taken)
    assert await let_through(node, five, "lin", 9) == 5


async def test_a_clock_set_back_locks_nobody_out(node: Allowances, clock: FrozenClock, five: Allowance) -> None:
    assert await let_through(node, five, "lin", 9) == 5
    clock.advance(-3_600_000)
    assert await let_through(node, five, "lin", 1) == 0

    clock.advance(10_000)
    assert await let_through(node, five, "lin", 3) == 1


@pytest.mark.parametrize("nodes", [1, 2, 3, 7])
async def test_the_shares_of_all_are_no_more_than_one_each_or_the_whole(
    node: Allowances, clock: FrozenClock, five: Allowance, nodes: int
) -> None:
    share = five.share(nodes)
    sums = [await let_through(node, share, f"on node {n}", 9) for n in range(nodes)]
    assert min(sums) >= 1
    assert sum(sums) <= max(5, nodes)

    clock.advance(10_000 * nodes)
    assert sum([await let_through(node, share, f"on node {n}", 9) for n in range(nodes)]) == nodes
