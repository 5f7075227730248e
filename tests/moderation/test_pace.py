"""Five at once, then one each ten seconds, for a netizen and room; new versions beside new texts."""

from __future__ import annotations

import pytest

from kernel.allowances import OwnAllowances
from kernel.clock import FrozenClock
from kernel.ids import RoomId, UserId
from kernel.refusals import Refusal
from moderation.pace import Pace

pytestmark = pytest.mark.anyio

ROOM, LIN = RoomId("room"), UserId("lin")


@pytest.fixture
def pace(clock: FrozenClock) -> Pace:
    return Pace(OwnAllowances(clock))


async def spend_all(pace: Pace, room: RoomId = ROOM, user: UserId = LIN) -> None:
    for _ in range(5):
        await pace.post(room, user)
    with pytest.raises(Refusal, match="rate"):
        await pace.post(room, user)


async def test_five_at_once_then_one_each_ten_seconds(pace: Pace, clock: FrozenClock) -> None:
    await spend_all(pace)
    with pytest.raises(Refusal) as refused:
        await pace.post(ROOM, LIN)
    assert refused.value == Refusal("rate", retry_ms=10_000)

    clock.advance(10_000)
    await pace.post(ROOM, LIN)
    with pytest.raises(Refusal):
        await pace.post(ROOM, LIN)


async def test_one_does_not_wait_for_another_nor_in_another_room(pace: Pace) -> None:
    await spend_all(pace)
    await spend_all(pace, user=UserId("mo"))
    await spend_all(pace, room=RoomId("other"))


async def test_new_versions_are_counted_beside_new_texts(pace: Pace) -> None:
    await spend_all(pace)
    for _ in range(5):
        await pace.revise(ROOM, LIN)
    with pytest.raises(Refusal):
        await pace.revise(ROOM, LIN)


async def test_a_refund_gives_one_back(pace: Pace) -> None:
    taken = await pace.post(ROOM, LIN)
    await pace.refund(taken)
    await spend_all(pace)


async def test_the_pace_is_the_citys_to_choose(clock: FrozenClock) -> None:
    slower = Pace(OwnAllowances(clock), burst=1, interval_ms=60_000)
    await slower.post(ROOM, LIN)
    with pytest.raises(Refusal) as refused:
        await slower.post(ROOM, LIN)
    assert refused.value.retry_ms == 60_000
