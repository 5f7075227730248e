"""The room as a whole: resets, hidden texts, rooms let go, and a store that is away."""

from __future__ import annotations

import pytest

from kernel.refusals import Refusal
from rooms.hub import LINGER_S
from rooms.model import Lane
from rooms.ports import Head
from tests.rooms.world import ROOM, World, settle

pytestmark = pytest.mark.anyio


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


async def test_the_head_is_told_whenever_items_are_applied(world: World) -> None:
    told: list[tuple[Lane, Head]] = []
    world.hub.on_head(lambda room, lane, head: told.append((lane, head)))
    await world.viewer().join()
    world.say("p1")
    world.store.message("p2", "no hint of this one arrives")
    await world.probe()
    await settle()
    assert told == [(Lane.PUB, Head("ep1", 1)), (Lane.PUB, Head("ep1", 2))]


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


async def test_a_room_nobody_watches_is_let_go_after_a_while(world: World) -> None:
    viewer = await world.viewer().join()
    world.hub.drop(viewer.listener)
    await world.pass_time(LINGER_S - 5)
    assert ROOM in world.hub.hosted
    assert world.bus.followed == {ROOM}
    await world.pass_time(10)
    assert ROOM not in world.hub.hosted
    assert world.bus.followed == set()
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
