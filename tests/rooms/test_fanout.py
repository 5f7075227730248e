"""One lane to many: framed once, first at once, joined under load, in slices."""

from __future__ import annotations

import pytest

from rooms.fanout import MESSAGE_BYTES, WINDOW_MAX_S, WINDOW_MIN_S
from rooms.model import Lane
from rooms.slices import SLICE
from tests.rooms.world import ROOM, World

pytestmark = pytest.mark.anyio


async def test_the_same_bytes_go_to_everyone_of_a_codec(world: World) -> None:
    viewers = [await world.viewer(("json", "msgpack")[n % 2]).join() for n in range(10)]
    world.wire.built.clear()
    world.say("p1")
    world.scheduler.advance(1)
    assert (world.wire.built["ev"], world.wire.built["item"]) == (2, 2)
    assert len({id(viewer.sink.written[-1]) for viewer in viewers}) == 2


async def test_who_agreed_to_a_packed_form_shares_that_and_who_lags_gets_it_plainly(world: World) -> None:
    plain = [await world.viewer().join() for _ in range(3)]
    packed = [await world.viewer(form="json+small").join() for _ in range(3)]
    assert (world.wire.built["snap json"], world.wire.built["snap json+small"]) == (1, 1)
    packed[0].stick()
    world.say("p1")
    world.scheduler.advance(1)
    built = world.wire.built
    assert (built["ev json"], built["ev json+small"], built["item"]) == (1, 1, 1), "an item is encoded once for both"
    world.say("p2")
    world.scheduler.advance(1)
    packed[0].flow()
    assert (built["ev json"], built["ev json+small"]) == (3, 2)
    assert {tuple(viewer.seqs()) for viewer in plain + packed} == {(1, 2)}


async def test_the_first_goes_at_once_and_what_follows_is_joined(world: World) -> None:
    viewer = await world.viewer().join()
    world.say("p1")
    world.scheduler.advance()
    assert viewer.seqs() == [1]
    for n in range(2, 7):
        world.say(f"p{n}")
    world.scheduler.advance(WINDOW_MIN_S / 2)
    assert viewer.seqs() == [1]
    world.scheduler.advance(WINDOW_MIN_S)
    assert [(frame["a"], frame["b"]) for frame in viewer.of("ev")] == [(1, 1), (2, 6)]


async def test_a_lane_gone_quiet_is_at_once_again(world: World) -> None:
    viewer = await world.viewer().join()
    assert world.hub.measures()["window_seconds"] == 0
    world.say("p1")
    world.scheduler.advance()
    assert world.hub.measures()["window_seconds"] == WINDOW_MIN_S
    world.scheduler.advance(1)
    assert world.hub.measures()["window_seconds"] == 0
    world.say("p2")
    world.scheduler.advance()
    assert viewer.seqs() == [1, 2]


async def test_the_window_grows_with_the_audience_up_to_its_bound(world: World) -> None:
    many = 20 * SLICE
    viewers = [await world.viewer().join() for _ in range(many)]
    world.say("p1")
    world.scheduler.advance()
    world.say("p2")
    world.scheduler.advance(0.2)
    assert viewers[0].seqs() == [1], "10,000 deliveries are not followed by others within a fifth of a second"
    world.scheduler.advance(WINDOW_MAX_S)
    assert {tuple(viewer.seqs()) for viewer in viewers} == {(1, 2)}


async def test_a_large_audience_is_served_in_slices(world: World) -> None:
    viewers = [await world.viewer().join() for _ in range(SLICE * 2 + 1)]
    world.say("p1")
    world.scheduler.turn()
    served = sum(1 for viewer in viewers if viewer.seqs() == [1])
    assert served == SLICE, "one loop turn serves one slice"
    world.say("p2")  # between two slices: the late ones get both in one message
    world.scheduler.turn()
    assert viewers[-2].of("ev")[-1]["b"] == 2
    world.scheduler.advance(1)
    assert {tuple(viewer.seqs()) for viewer in viewers} == {(1, 2)}


async def test_one_message_is_bounded(world: World) -> None:
    viewer = await world.viewer().join()
    for n in range(6):
        world.say(f"p{n}", "x" * (MESSAGE_BYTES // 3))
    world.scheduler.advance(1)
    assert viewer.seqs() == [1, 2, 3, 4, 5, 6]
    assert all(len(message) < MESSAGE_BYTES + 1_000 for message in viewer.sink.written)
    assert len(viewer.of("ev")) == 3


async def test_an_item_that_cannot_be_encoded_does_not_silence_the_lane(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    viewer = await world.viewer().join()
    sound = world.wire.item

    def failing(codec: str, item: object) -> bytes:
        if item["id"] == "bad":  # type: ignore[index]
            raise TypeError("not to be encoded")
        return sound(codec, item)  # type: ignore[arg-type]

    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._encode = failing
    world.say("bad")
    world.scheduler.advance(1)
    assert "a slice of an audience failed" in caplog.text
    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._encode = sound
    world.say("good")
    world.scheduler.advance(1)
    assert viewer.seqs() == [1, 2]
