"""A feed follows its lane through every way in which hints can fail."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kernel.ids import RoomId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.feed import HOLD_S, MAX_WAITING, LaneFeed
from rooms.model import Lane
from rooms.ports import Head, Hint
from tests.rooms.world import ROOM, World, settle

pytestmark = pytest.mark.anyio


async def hosted(world: World) -> LaneFeed:
    async with world.hub.hosting(ROOM) as room:
        return room.feed.lanes[Lane.PUB]


async def test_a_hint_that_comes_next_is_applied_without_a_read(world: World) -> None:
    feed = await hosted(world)
    world.say("p1")
    world.say("p2")
    assert feed.applied == 2
    assert world.store.reads["events"] == 0


async def test_a_doubled_hint_is_applied_once(world: World) -> None:
    feed = await hosted(world)
    seen: list[int] = []
    world.hub.watch(lambda room, lane, items: seen.extend(item["s"] for item in items))
    hint = world.say("p1")
    world.bus.publish(hint)
    assert feed.applied == 1
    assert seen == [1]


async def test_a_hint_of_which_half_is_known_gives_its_other_half(world: World) -> None:
    feed = await hosted(world)
    first = world.say("p1")
    second = world.store.message("p2")
    world.bus.publish(replace(second, a=1, items=[*first.items, *second.items]))
    assert feed.applied == 2
    assert world.store.reads["events"] == 0


async def test_hints_in_the_other_order_wait_for_each_other(world: World) -> None:
    feed = await hosted(world)
    hints = [world.store.message(f"p{n}") for n in range(3)]
    for hint in reversed(hints):
        world.bus.publish(hint)
    assert feed.applied == 3
    world.scheduler.advance(1)
    assert world.store.reads["events"] == 0


async def test_a_hint_without_its_items_is_read_at_once(world: World) -> None:
    """They were too long to be carried along."""
    feed = await hosted(world)
    world.bus.publish(replace(world.store.message("long"), items=[]))
    await settle()
    assert (feed.applied, world.hub.counts["feed.reads_partial"]) == (1, 1)


async def test_a_lost_hint_is_read_after_the_hold(world: World) -> None:
    feed = await hosted(world)
    world.store.message("lost")
    world.say("p2")
    world.scheduler.advance(HOLD_S - 0.001)
    await settle()
    assert (feed.applied, world.store.reads["events"]) == (0, 0)

    world.scheduler.advance(0.002)
    await settle()
    assert feed.applied == 2
    assert world.store.reads["events"] == 1


async def test_the_last_hint_lost_is_found_by_the_probe(world: World) -> None:
    feed = await hosted(world)
    world.store.message("lost")
    await world.probe()
    assert feed.applied == 1
    assert world.hub.counts["feed.reads_probe"] == 1


async def test_negative_control_without_the_probe_the_last_hint_stays_lost(world: World) -> None:
    feed = await hosted(world)
    world.store.message("lost")
    world.scheduler.advance(60)
    await settle()
    assert feed.applied == 0


async def test_one_query_asks_for_all_hosted_rooms(world: World) -> None:
    for name in ("a", "b", "c"):
        world.store.open_room(name)  # type: ignore[arg-type]
        async with world.hub.hosting(name):  # type: ignore[arg-type]
            pass
    before = world.store.reads["heads"]
    await world.probe()
    assert world.store.reads["heads"] == before + 1


async def test_many_causes_share_one_read(world: World) -> None:
    feed = await hosted(world)
    world.store.message("lost")
    world.store.delay = asyncio.Event()
    world.say("p2")
    world.scheduler.advance(HOLD_S)
    await settle()
    waiting = [spawn(feed.refresh(), name="refresh") for _ in range(5)]
    await settle()
    world.store.delay.set()
    await asyncio.gather(*waiting)
    assert feed.applied == 2
    assert world.store.reads["events"] <= 2, "the one under way, and one begun after the callers asked"


async def test_a_probe_overtaken_by_a_hint_is_no_regress(world: World) -> None:
    """The query looks at head 1, then post 2 is committed and its hint applied, then the answer arrives."""
    feed = await hosted(world)
    world.say("p1")
    world.store.delay = asyncio.Event()
    probing = spawn(world.hub.probe.once(), name="probe")
    await settle()
    world.say("p2")
    world.store.delay.set()
    await probing
    assert (feed.applied, world.hub.counts["feed.resets"]) == (2, 0)


async def test_a_head_gone_back_voids_every_position(world: World) -> None:
    feed = await hosted(world)
    for n in range(3):
        world.say(f"p{n}")
    world.store.rewind(1, "ep1")
    await world.probe()
    await settle()
    assert (feed.applied, feed.ring.base) == (1, 1)
    assert world.hub.counts["feed.resets"] == 1
    # Whoever was away meanwhile must not take the numbers that repeat for those they knew.
    assert feed.epoch == world.store.epochs[ROOM, Lane.PUB] != "ep1"


async def test_an_epoch_that_could_not_be_renewed_is_asked_for_again(world: World) -> None:
    feed = await hosted(world)
    world.say("p1")
    world.store.rewind(0, "ep1")
    world.store.writable = False
    await world.probe()
    await settle()
    assert (feed.epoch, world.hub.counts["feed.renewals_failed"]) == ("ep1", 1)
    world.store.writable = True
    await world.probe()
    await settle()
    assert (feed.epoch, feed.applied) == ("ep1+", 0)


async def test_another_epoch_voids_every_position(world: World) -> None:
    feed = await hosted(world)
    world.say("p1")
    world.store.rewind(0, "ep2")
    world.store.message("q1")
    world.store.message("q2")
    await world.probe()
    assert (feed.epoch, feed.applied) == ("ep2", 2)


async def test_a_read_that_a_reset_overtook_takes_nobody_back(world: World) -> None:
    feed = await hosted(world)
    world.say("p1")
    world.store.message("p2")
    delay = world.store.delay = asyncio.Event()
    reading = spawn(feed.refresh(), name="refresh")
    await settle()
    world.store.delay = None
    world.store.rewind(0, "ep2")
    await world.probe()
    assert (feed.epoch, feed.applied) == ("ep2", 0)

    delay.set()
    await reading

    assert (feed.epoch, feed.applied, world.store.epochs[ROOM, Lane.PUB]) == ("ep2", 0, "ep2")
    assert world.hub.counts["feed.resets"] == 1


async def test_a_hint_of_another_epoch_is_believed_only_by_the_store(world: World) -> None:
    feed = await hosted(world)
    hint = world.say("p1")
    world.bus.publish(replace(hint, epoch="forged", a=2, b=2, items=[{**hint.items[0], "s": 2}]))
    await settle()
    assert (feed.epoch, feed.applied) == ("ep1", 1)
    assert world.store.reads["events"] == 1


async def test_a_hint_that_does_not_cover_what_it_claims_is_only_a_reason_to_read(world: World) -> None:
    feed = await hosted(world)
    world.store.message("p1")
    hint = world.store.message("p2")
    world.bus.publish(replace(hint, a=1))
    await settle()
    assert feed.applied == 2


async def test_hints_of_what_nobody_committed_do_not_keep_it_reading(world: World) -> None:
    feed = await hosted(world)
    hint = world.say("p1")
    world.bus.publish(replace(hint, a=9, b=9, items=[{**hint.items[0], "s": 9}]))
    for _ in range(50):
        world.scheduler.advance(HOLD_S)
        await settle()
    assert feed.applied == 1
    assert world.store.reads["events"] == 1


async def test_too_many_waiting_hints_are_dropped_for_one_read(world: World) -> None:
    feed = await hosted(world)
    world.store.message("lost")
    for n in range(MAX_WAITING + 1):
        world.say(f"p{n}")
    await settle()
    assert feed.applied == MAX_WAITING + 2
    assert world.hub.counts["feed.reads_overflow"] == 1


async def test_long_gaps_are_read_in_pages(world: World) -> None:
    feed = await hosted(world)
    for n in range(1_201):
        world.store.message(f"p{n}")
    await world.probe()
    assert feed.applied == 1_201
    assert world.store.reads["events"] == 3


async def test_a_store_that_is_away_is_asked_again_by_the_next_probe(world: World) -> None:
    feed = await hosted(world)
    world.store.message("lost")
    world.store.away = True
    world.say("p2")
    world.scheduler.advance(HOLD_S)
    await settle()
    with pytest.raises(Refusal, match="unavailable"):
        await feed.refresh()
    world.store.away = False
    await world.probe()
    assert feed.applied == 2


async def test_a_redaction_in_a_held_hint_is_applied_in_its_place(world: World) -> None:
    feed = await hosted(world)
    shown = world.store.message("p", "secret")
    hidden = world.store.append("redact", "p", reason="privacy")
    world.bus.publish(hidden)
    world.bus.publish(shown)
    assert feed.applied == 2
    assert "body" not in feed.ring.items(0, 1)[0]


async def test_an_old_read_cannot_bring_back_a_hidden_body(world: World) -> None:
    """The read looks before the redaction and answers after its hint was applied."""
    feed = await hosted(world)
    world.store.message("lost")
    world.store.message("p", "secret")
    world.store.delay = asyncio.Event()
    reading = spawn(feed.refresh(), name="refresh")
    await settle()
    world.do("redact", "p", reason="privacy")
    world.store.delay.set()
    await reading
    await world.probe()
    assert feed.applied == 3
    assert all("secret" not in str(item) for item in feed.ring.items(0, 3))


async def test_after_a_restore_a_replay_equals_the_store(world: World) -> None:
    feed = await hosted(world)
    world.say("p", "words")
    world.say("q")
    world.do("edit", "p", body="better words", ver=2)
    world.do("redact", "p", reason="privacy")
    world.do("restore", "p", body="better words", ver=2)
    read = await world.store.events(ROOM, Lane.PUB, 0, 100)
    held = feed.ring.items(feed.ring.base, feed.applied)
    assert held == read.items[feed.ring.base :]
    viewer = await world.viewer().join(pos={Lane.PUB: Head("ep1", 0)})
    await settle()
    assert viewer.items() == read.items


async def test_an_unknown_room_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="no_room"):
        async with world.hub.hosting("nowhere"):  # type: ignore[arg-type]
            pass


async def test_a_hint_for_a_room_nobody_watches_is_nothing(world: World) -> None:
    world.bus.publish(Hint(ROOM, Lane.PUB, "ep1", 1, 1, [], {}))
    assert not world.hub.hosted


async def test_a_read_that_ends_after_its_room_was_let_go_is_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    feed = await hosted(world)
    world.store.message("p1")
    world.store.delay = asyncio.Event()
    reading = spawn(feed.refresh(), name="refresh")
    await settle()
    world.hub.close_rooms()
    world.store.delay.set()
    await reading
    assert (feed.applied, caplog.records) == (0, [])


async def test_an_epoch_renewed_after_its_room_was_let_go_and_hosted_again_resets_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await hosted(world)
    world.say("p1")
    renewed, go_on = world.store.renew_epoch, asyncio.Event()

    async def slowly(room: RoomId, lane: Lane, epoch: str) -> Head:
        head = await renewed(room, lane, epoch)
        await go_on.wait()
        return head

    monkeypatch.setattr(world.store, "renew_epoch", slowly)
    world.store.rewind(0, "ep1")
    await world.probe()
    await settle()
    world.hub.close_rooms()
    viewer = await world.viewer().join()
    go_on.set()
    await settle()
    assert (old.epoch, world.hub.counts["feed.resets"]) == ("ep1", 0)
    assert "reset" not in [frame["t"] for frame in viewer.frames]


async def test_the_probe_goes_on_whatever_happens_in_one_round(world: World, caplog: pytest.LogCaptureFixture) -> None:
    feed = await hosted(world)
    sound, rounds = world.store.heads, 0

    async def failing(rooms: object) -> object:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise RuntimeError("out of order")
        return await sound(rooms)  # type: ignore[arg-type]

    world.store.heads = failing  # type: ignore[method-assign, assignment]
    world.hub.probe._period_s = 0.0
    world.store.message("p1")
    running = spawn(world.hub.probe.run(), name="probe")
    async with asyncio.timeout(5):
        while feed.applied == 0:
            await asyncio.sleep(0)
    running.cancel()
    assert "the head probe failed" in caplog.text
