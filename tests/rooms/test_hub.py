"""What reaches those who watch: in order, framed once, joined under load, and without waiting for anybody slow."""

from __future__ import annotations

import pytest

from kernel.refusals import Refusal
from rooms.audience import REACH_PARKED, REACH_RESUME
from rooms.fanout import MESSAGE_BYTES, WINDOW_MAX_S, WINDOW_MIN_S
from rooms.hub import LINGER_S
from rooms.model import Lane
from rooms.ports import Head
from rooms.ring import MAX_ITEMS
from rooms.slices import SLICE
from tests.rooms.world import ROOM, World, settle

pytestmark = pytest.mark.anyio


# --- coming in -------------------------------------------------------------------------------------------------------


async def test_a_newcomer_gets_a_snapshot_and_then_every_item(world: World) -> None:
    world.store.message("p1")
    viewer = await world.viewer().join()
    world.say("p2")
    world.scheduler.advance()
    assert [frame["t"] for frame in viewer.frames] == ["snap", "ev"]
    assert viewer.seqs() == [1, 2]


async def test_what_is_committed_while_a_newcomer_is_on_the_way_is_neither_lost_nor_doubled(world: World) -> None:
    async with world.hub.hosting(ROOM):
        world.say("p1")
        world.store.message("p2")  # committed elsewhere, its hint not here yet: the snapshot is ahead of the feed
        viewer = await world.viewer().join()
        assert viewer.of("snap")[0]["head"] == 2
        world.say("p3")
        world.scheduler.advance(1)
        await settle()
        world.scheduler.advance(1)
    assert viewer.seqs() == [1, 2, 3]


@pytest.mark.parametrize("start", range(6))
async def test_resume_from_any_position_is_exact(world: World, start: int) -> None:
    for n in range(3):
        world.store.message(f"old{n}")  # before the room was hosted: only in the store
    early = await world.viewer().join()
    for n in range(2):
        world.say(f"new{n}")
    late = await world.viewer().join(pos={Lane.PUB: Head("ep1", start)})
    await settle()
    world.scheduler.advance(1)
    assert late.mode[Lane.PUB] == "replay"
    assert late.seqs() == list(range(start + 1, 6))
    assert not late.of("reset")
    assert early.seqs() == [1, 2, 3, 4, 5]


async def test_resume_with_nothing_missed_says_so(world: World) -> None:
    world.store.message("p1")
    viewer = await world.viewer().join(pos={Lane.PUB: Head("ep1", 1)})
    (frame,) = viewer.frames
    assert (frame["t"], frame["a"], frame["b"], frame["x"]) == ("ev", 2, 1, [])


async def test_a_position_ahead_of_this_node_is_looked_up_not_reset(world: World) -> None:
    await world.viewer().join()
    for n in range(3):
        world.store.message(f"p{n}")  # no hint has reached this node
    viewer = await world.viewer().join(pos={Lane.PUB: Head("ep1", 2)})
    assert viewer.mode[Lane.PUB] == "replay"
    assert viewer.seqs() == [3]


@pytest.mark.parametrize(("position", "why"), [(Head("ep0", 1), "epoch"), (Head("ep1", 9), "ahead")])
async def test_a_void_position_gets_reset_and_a_snapshot(world: World, position: Head, why: str) -> None:
    world.store.message("p1")
    viewer = await world.viewer().join(pos={Lane.PUB: position})
    assert [frame["t"] for frame in viewer.frames] == ["reset", "snap"]
    assert (viewer.of("reset")[0]["why"], viewer.of("reset")[0]["ep"]) == (why, "ep1")


async def test_a_position_too_far_behind_gets_reset_and_a_snapshot(world: World) -> None:
    for n in range(REACH_RESUME + 2):
        world.store.message(f"p{n}")
    near = await world.viewer().join(pos={Lane.PUB: Head("ep1", 2)})
    far = await world.viewer().join(pos={Lane.PUB: Head("ep1", 1)})
    await settle(400)
    assert near.seqs() == list(range(3, REACH_RESUME + 3))
    assert [frame["t"] for frame in far.frames] == ["reset", "snap"]
    assert far.of("reset")[0]["why"] == "behind"


async def test_joining_again_replaces_the_first_join(world: World) -> None:
    viewer = await world.viewer().join()
    world.say("p1")
    world.scheduler.advance(1)
    await viewer.join(pos={Lane.PUB: Head("ep1", 1)})
    world.say("p2")
    world.scheduler.advance(1)
    assert viewer.seqs() == [1, 2]
    assert world.hub.viewers(ROOM) == 1


async def test_who_left_gets_nothing_more(world: World) -> None:
    viewer = await world.viewer().join()
    world.hub.leave(viewer.listener, ROOM)
    world.say("p1")
    world.scheduler.advance(1)
    assert viewer.seqs() == []
    assert world.hub.viewers(ROOM) == 0


async def test_lanes_do_not_mix(world: World) -> None:
    public = await world.viewer().join()
    desk = await world.viewer().join(Lane.DESK, Lane.PUB)
    world.say("note", "backstage", lane=Lane.DESK)
    world.say("p1", "for all")
    world.scheduler.advance(1)
    assert b"backstage" not in public.raw()
    assert [item["body"] for item in desk.items(Lane.DESK)] == ["backstage"]
    assert [item["body"] for item in desk.items(Lane.PUB)] == ["for all"]


# --- framed once, joined under load -----------------------------------------------------------------------------------


async def test_the_same_bytes_go_to_everyone_of_a_codec(world: World) -> None:
    viewers = [await world.viewer(("json", "msgpack")[n % 2]).join() for n in range(10)]
    world.wire.built.clear()
    world.say("p1")
    world.scheduler.advance(1)
    assert (world.wire.built["ev"], world.wire.built["item"]) == (2, 2)
    assert len({id(viewer.sink.written[-1]) for viewer in viewers}) == 2


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
    world.say("p1")
    world.scheduler.advance(1)
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


# --- slow viewers -----------------------------------------------------------------------------------------------------


async def test_a_stuck_viewer_is_skipped_and_catches_up_from_the_ring(world: World) -> None:
    slow, quick = await world.viewer().join(), await world.viewer().join()
    slow.stick()
    for n in range(5):
        world.say(f"p{n}")
        world.scheduler.advance(1)
    assert quick.seqs() == [1, 2, 3, 4, 5]
    assert len(slow.of("ev")) == 1, "one message is on its way to it, and no more is held for it"
    reads = world.store.reads["events"]
    slow.flow()
    assert slow.seqs() == [1, 2, 3, 4, 5]
    assert world.store.reads["events"] == reads


async def test_a_viewer_behind_the_ring_catches_up_from_the_store(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    world.say("p1")
    world.scheduler.advance(1)
    for n in range(40):
        world.say(f"q{n}")
    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._drop(30)
    slow.flow()
    await settle()
    assert slow.seqs() == list(range(1, 42))
    assert not slow.of("reset")


async def test_many_behind_at_one_cursor_share_one_read(world: World) -> None:
    slow = [await world.viewer().join() for _ in range(20)]
    for viewer in slow:
        viewer.stick()
    world.say("p1")
    world.scheduler.advance(1)
    for n in range(40):
        world.say(f"q{n}")
    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._drop(30)
    reads = world.store.reads["events"]
    for viewer in slow:
        viewer.flow()
    await settle(60)
    assert {tuple(viewer.seqs()) for viewer in slow} == {tuple(range(1, 42))}
    assert world.store.reads["events"] == reads + 1


async def test_a_viewer_far_behind_starts_anew(world: World) -> None:
    slow = await world.viewer().join(tail=2)
    slow.stick()
    world.say("first")
    world.scheduler.advance(1)
    for n in range(MAX_ITEMS + REACH_PARKED):
        world.say(f"q{n}")
    slow.flow()
    await settle()
    assert slow.of("reset")[0]["why"] == "behind"
    assert slow.of("snap")[-1]["head"] == MAX_ITEMS + REACH_PARKED + 1
    world.say("next")
    world.scheduler.advance(1)
    assert slow.items()[-1]["id"] == "next"


async def test_while_the_store_is_away_a_viewer_behind_waits_for_it(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    world.say("p1")
    world.scheduler.advance(1)
    for n in range(9):
        world.say(f"q{n}")
    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._drop(5)
    world.store.away = True
    slow.flow()
    await settle()
    assert slow.seqs() == [1]
    world.store.away = False
    await world.probe()
    assert slow.seqs() == list(range(1, 11))


async def test_who_takes_nothing_for_too_long_is_closed(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    for n in range(2):
        world.say(f"p{n}")
        world.scheduler.advance(1)
    await world.pass_time(9)
    assert slow.sink.closed is None
    await world.pass_time(2.5)
    assert slow.sink.closed == 4002


async def test_who_takes_a_little_may_stay(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    for n in range(2):
        world.say(f"p{n}", "x" * 1_000)
        world.scheduler.advance(1)
    for _ in range(5):
        slow.sink.unsent -= 10
        await world.pass_time(9)
    assert slow.sink.closed is None


async def test_with_too_much_unsent_patience_is_short(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    slow.sink.unsent = 300 * 1024
    world.say("p1")
    world.scheduler.advance()
    await world.pass_time(3)
    assert slow.sink.closed == 4002


async def test_a_parked_viewer_that_goes_leaves_nothing_behind(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    for n in range(2):
        world.say(f"p{n}")
        world.scheduler.advance(1)
    assert len(world.hub.parking) == 1
    world.hub.drop(slow.listener)
    assert len(world.hub.parking) == 0
    assert not world.hub.hosted[ROOM].listeners


# --- resets and redactions --------------------------------------------------------------------------------------------


async def test_another_epoch_resets_everybody_with_one_snapshot(world: World) -> None:
    viewers = [await world.viewer().join() for _ in range(5)]
    world.say("p1")
    world.scheduler.advance(1)
    world.store.rewind(0, "ep2")
    world.store.message("q1", "after the restore")
    reads = world.store.reads["snapshot"]
    await world.probe()
    await settle(60)
    for viewer in viewers:
        assert [frame["t"] for frame in viewer.frames[-2:]] == ["reset", "snap"]
        assert (viewer.of("reset")[0]["ep"], viewer.of("snap")[-1]["ep"]) == ("ep2", "ep2")
    assert world.store.reads["snapshot"] == reads + 1
    world.say("q2")
    world.scheduler.advance(1)
    assert {viewer.items()[-1]["id"] for viewer in viewers} == {"q2"}


async def test_a_stuck_viewer_gets_its_reset_when_it_takes_bytes_again(world: World) -> None:
    slow = await world.viewer().join()
    slow.stick()
    world.say("p1")
    world.scheduler.advance(1)
    world.store.rewind(0, "ep2")
    await world.probe()
    assert not slow.of("reset")
    slow.flow()
    await settle()
    assert [frame["t"] for frame in slow.frames[-2:]] == ["reset", "snap"]


async def test_a_hidden_text_is_in_no_replay_and_no_snapshot(world: World) -> None:
    slow, quick = await world.viewer().join(), await world.viewer().join()
    slow.stick()
    world.say("harmless")
    world.scheduler.advance(1)
    world.say("p", "secret")
    world.scheduler.advance(1)
    world.do("redact", "p", reason="privacy")
    world.scheduler.advance(1)
    slow.flow()
    late = await world.viewer().join(pos={Lane.PUB: Head("ep1", 0)})
    new = await world.viewer().join()
    assert b"secret" in quick.raw(), "it was shown before it was hidden"
    for viewer in (slow, late, new):
        assert b"secret" not in viewer.raw()
    assert slow.items()[1] == {"s": 2, "k": "msg", "id": "p", "at": 1_001, "redacted": True}


async def test_hidden_within_one_window_it_is_never_sent(world: World) -> None:
    viewer = await world.viewer().join()
    world.say("harmless")
    world.scheduler.advance()
    world.say("p", "secret")
    world.do("redact", "p", reason="privacy")
    world.scheduler.advance(1)
    assert viewer.seqs() == [1, 2, 3]
    assert b"secret" not in viewer.raw()


# --- the room as a whole ----------------------------------------------------------------------------------------------


async def test_a_room_nobody_watches_is_let_go_after_a_while(world: World) -> None:
    viewer = await world.viewer().join()
    world.hub.drop(viewer.listener)
    await world.pass_time(LINGER_S - 5)
    assert ROOM in world.hub.hosted
    await world.pass_time(10)
    assert ROOM not in world.hub.hosted
    again = await world.viewer().join()
    assert again.of("snap")


async def test_a_store_silent_for_long_makes_the_node_stale(world: World) -> None:
    await world.viewer().join()
    world.store.away = True
    await world.pass_time(4)
    assert not world.hub.stale()
    await world.pass_time(2)
    assert world.hub.stale()
    world.store.away = False
    await world.probe()
    assert not world.hub.stale()


async def test_a_newcomer_is_told_when_the_store_is_away(world: World) -> None:
    await world.viewer().join()
    world.say("p1")  # makes the kept snapshot old
    world.store.away = True
    with pytest.raises(Refusal, match="unavailable"):
        await world.viewer().join()


async def test_who_leaves_while_the_store_is_asked_for_it_is_forgotten(world: World) -> None:
    slow, staying = await world.viewer().join(), await world.viewer().join()
    for viewer in (slow, staying):
        viewer.stick()
    world.say("p1")
    world.scheduler.advance(1)
    for n in range(9):
        world.say(f"q{n}")
    world.hub.hosted[ROOM].feed.lanes[Lane.PUB].ring._drop(5)
    world.store.away = True
    slow.flow()
    staying.flow()
    await settle()
    world.hub.drop(slow.listener)
    world.store.away = False
    await world.probe()
    assert slow.seqs() == [1]
    assert staying.seqs() == list(range(1, 11))
    assert not world.hub._recovery._queues


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
