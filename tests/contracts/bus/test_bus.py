"""What the hub may expect of a bus, whichever it is; and what it must not."""

from __future__ import annotations

import pytest

from kernel.ids import PostId, RoomId
from rooms.model import Lane
from rooms.ports import Hint
from tests.contracts.bus.conftest import Pair
from tests.contracts.bus.nodes import ROOM, said

pytestmark = pytest.mark.anyio

KINDS = [
    said(),
    said(2, lane=Lane.DESK, body="后台" * 2_000),
    Hint(ROOM, Lane.PUB, "e", 4, 3, [], {PostId("p1"): (2, 1), PostId("p2"): (0, 0)}),
    Hint(
        ROOM, Lane.DESK, "", 0, 0, [], aside={"k": "draft", "post": "p", "by": {"name": "n"}, "body": "草稿", "ver": 3}
    ),
    Hint(ROOM, Lane.MOD, "", 0, 0, [], aside={"k": "claims", "x": [{"post": "p", "until": 0}]}),
    Hint(
        ROOM, Lane.PUB, "e", 5, 6, [{"s": 5, "k": "msg", "id": "a", "at": 1, "redacted": True}, {"s": 6, "k": "state"}]
    ),
]


async def test_where_it_is_published_it_is_told_at_once(pair: Pair) -> None:
    pair.near.bus.publish(said())
    assert pair.near.heard == [said()]


async def test_elsewhere_it_is_told_as_it_was(pair: Pair) -> None:
    await pair.far.follow()
    for hint in KINDS:
        pair.near.bus.publish(hint)
    await pair.far.until(lambda: len(pair.far.heard) >= len(KINDS))
    assert pair.far.heard == KINDS


async def test_those_of_one_lane_keep_their_order(pair: Pair) -> None:
    await pair.far.follow()
    hints = [said(number) for number in range(1, 301)]
    for hint in hints:
        pair.near.bus.publish(hint)
    await pair.far.until(lambda: len(pair.far.heard) >= len(hints))
    assert pair.far.heard == hints


async def test_many_rooms_are_followed_at_once(pair: Pair) -> None:
    rooms = [RoomId(f"room-{number}") for number in range(20)]
    for room in rooms:
        await pair.far.follow(room)
    hints = [said(1, room, lane) for room in rooms for lane in Lane]
    for hint in hints:
        pair.near.bus.publish(hint)
    await pair.far.until(lambda: len(pair.far.heard) >= len(hints))
    assert sorted(map(repr, pair.far.heard)) == sorted(map(repr, hints))


async def test_ones_own_come_once(pair: Pair) -> None:
    """Over Redis they come back as well; nobody is told twice."""
    await pair.near.follow()
    await pair.far.follow()
    pair.near.bus.publish(said(1))
    await pair.far.until(lambda: len(pair.far.heard) >= 1)
    pair.far.bus.publish(said(2))
    await pair.near.until(lambda: len(pair.near.heard) >= 2)
    assert [hint.a for hint in pair.near.heard] == [1, 2]


async def test_a_room_forgotten_and_followed_again_is_told_again(pair: Pair) -> None:
    await pair.far.follow()
    pair.far.bus.forget(ROOM)
    pair.far.bus.forget(ROOM)
    await pair.far.follow()
    pair.near.bus.publish(said())
    await pair.far.until(lambda: pair.far.heard == [said()])


async def test_who_leaves_is_told_nothing_more(pair: Pair) -> None:
    pair.near.leave()
    pair.near.leave()
    pair.near.bus.publish(said())
    assert pair.near.heard == []


async def test_one_that_fails_hurts_neither_the_others_nor_the_commit(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(hint: Hint) -> None:
        raise RuntimeError("out of order")

    pair.far.leave()
    pair.far.bus.subscribe(failing, lambda: None)
    pair.far.leave = pair.far.bus.subscribe(pair.far._receive, pair.far._gap)
    await pair.far.follow()
    pair.near.bus.publish(said(1))
    pair.near.bus.publish(said(2))
    await pair.far.until(lambda: pair.far.heard == [said(1), said(2)])
    assert "out of order" in caplog.text


async def test_what_cannot_be_carried_never_raises(pair: Pair) -> None:
    pair.near.bus.publish(Hint(ROOM, Lane.DESK, "", 0, 0, [], aside={"k": "odd", "x": object()}))
    assert len(pair.near.heard) == 1


async def test_it_is_healthy_soon_after_its_start(pair: Pair) -> None:
    await pair.far.until(lambda: pair.far.bus.healthy and pair.near.bus.healthy)


async def test_after_its_end_nothing_raises(pair: Pair) -> None:
    await pair.near.bus.close()
    pair.near.bus.publish(said())
    pair.near.bus.follow(ROOM)
    pair.near.bus.forget(ROOM)
    await pair.near.bus.close()
    assert pair.near.heard == [said()]
