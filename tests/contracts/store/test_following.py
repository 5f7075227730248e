"""A consumer that follows the log on a real store: everything, in order, once; failures, epochs, hidden texts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import update

from kernel.ids import CountingIds, PostId, RoomId
from kernel.tasks import spawn
from persistence import schema
from persistence.epochs import renew_epochs
from persistence.store import Store
from rooms.following import follower as following
from rooms.following.follower import Follower
from rooms.following.pace import Pace
from rooms.following.ports import EpochChanged, Event, GoOn, Place
from rooms.model import Lane, PostKind
from rooms.ports import Hint
from tests.contracts.store.demo_consumer import Demo, drop_table, make_table, notes
from tests.contracts.store.ground import EPOCH, Ground, lay
from tests.rooms.world import HandScheduler

pytestmark = pytest.mark.anyio

PACE = Pace(workers=2, batch=3, lease_s=15, first_s=1)
IDS = CountingIds()


@pytest.fixture(autouse=True)
async def table(store: Store) -> AsyncIterator[None]:
    await make_table(store)
    yield
    await drop_table(store)


def node(store: Store, demo: Demo, time: HandScheduler | None = None, pace: Pace = PACE) -> Follower:
    return Follower(demo, store, time or HandScheduler(), IDS, pace)


async def look(follower: Follower) -> None:
    await follower.look()
    await follower.settled()


async def rooms(store: Store, count: int, posts: int) -> list[RoomId]:
    """Rooms whose public lane has `posts` events, and whose desk lane has one."""

    def build(ground: Ground) -> list[RoomId]:
        made = [ground.room() for _ in range(count)]
        for room in made:
            for n in range(posts):
                ground.post(room, f"第{n}问")
            ground.post(room, "后台", kind=PostKind.NOTE, by="price1", role="respondent", department="price")
        return made

    return await lay(store, build)


def expected(made: list[RoomId], posts: int) -> set[tuple[Place, str, int]]:
    public = {(Place(room, Lane.PUB), EPOCH[Lane.PUB], seq) for room in made for seq in range(1, posts + 1)}
    return public | {(Place(room, Lane.DESK), EPOCH[Lane.DESK], 1) for room in made}


def in_order(seen: list[tuple[Place, str, int]]) -> bool:
    """Each place by itself, without a number left out or repeated."""
    places = {place for place, _, _ in seen}
    return all(
        [seq for at, _, seq in seen if at == place] == list(range(1, sum(at == place for at, _, _ in seen) + 1))
        for place in places
    )


async def test_everything_once_in_order_from_the_beginning(store: Store) -> None:
    made, demo = await rooms(store, 3, 8), Demo()
    follower = node(store, demo)

    await look(follower)

    written = await notes(store, "demo")
    assert set(written) == expected(made, 8)
    assert in_order(written)
    assert sorted(demo.told) == sorted(written)
    assert follower.measures()["cursor_demo_events_total"] == 27
    await look(follower)
    assert await notes(store, "demo") == written
    assert follower.measures()["cursor_demo_behind"] == 0


async def test_a_new_node_goes_on_where_the_last_one_ended(store: Store) -> None:
    (room,) = await rooms(store, 1, 4)
    await look(node(store, Demo()))
    await lay(store, lambda ground: ground.post(room, "再问"))
    late = Demo()

    await look(node(store, late))

    assert [seq for _, _, seq in late.told] == [5]


async def test_hidden_texts_are_not_handed_over(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        ground.hide(ground.post(room, "身份证号"))
        ground.post(room, "末班车几点？")
        return room

    await lay(store, build)
    demo = Demo()
    await look(node(store, demo))
    assert demo.bodies == [None, None, "末班车几点？"]


async def test_what_fails_waits_longer_each_time_and_holds_up_no_other_place(store: Store) -> None:
    poisoned, healthy = await rooms(store, 2, 5)
    broken = True

    def refuse(event: Event) -> None:
        if broken and event.place == Place(poisoned, Lane.PUB) and event.seq == 3:
            raise RuntimeError("cannot take this")

    demo, time = Demo(before=refuse), HandScheduler()
    follower = node(store, demo, time)
    await look(follower)
    assert {(place.stream, seq) for place, _, seq in await notes(store, "demo") if place.lane is Lane.PUB} == {
        *((healthy, seq) for seq in range(1, 6)),
        *((poisoned, seq) for seq in (1, 2)),
    }
    for pause in (1, 2, 4):
        await look(follower)  # notices; nothing is due
        failures = follower.counts["failures"]
        time.advance(pause - 0.01)
        await look(follower)
        assert follower.counts["failures"] == failures
        assert follower.measures()["cursor_demo_stuck"] == 1
        time.advance(0.01)
        await look(follower)
        assert follower.counts["failures"] == failures + 1
    broken = False
    await look(follower)
    time.advance(8)
    await look(follower)
    written = await notes(store, "demo")
    assert set(written) == expected([poisoned, healthy], 5)
    assert in_order(written)
    await look(follower)
    assert follower.measures()["cursor_demo_stuck"] == 0


async def test_one_write_that_fails_takes_none_of_its_batch_with_it(store: Store) -> None:
    (room,) = await rooms(store, 1, 3)
    demo = Demo(lanes=frozenset({Lane.PUB}), spoilt=lambda event: event.seq == 3)
    follower = node(store, demo)

    await look(follower)

    assert [seq for _, _, seq in await notes(store, "demo")] == [1, 2]
    assert demo.told == [(Place(room, Lane.PUB), EPOCH[Lane.PUB], seq) for seq in (1, 2, 3)]
    assert follower.counts["failures"] == 1


async def test_a_consumer_that_never_answers_has_failed(store: Store) -> None:
    await rooms(store, 1, 1)

    class Silent(Demo):
        async def handle(self, event: Event) -> None:
            await asyncio.Event().wait()

    follower = node(store, Silent(lanes=frozenset({Lane.PUB})), pace=Pace(handle_s=0.01))
    await look(follower)
    assert follower.counts["failures"] == 1


async def test_another_epoch_is_told_and_everything_comes_again(store: Store) -> None:
    (room,) = await rooms(store, 1, 4)
    demo = Demo(lanes=frozenset({Lane.PUB}))
    await look(node(store, demo))
    renewed = await store.renew_epoch(room, Lane.PUB, EPOCH[Lane.PUB])

    await look(node(store, demo))

    (change,) = demo.voids
    assert (change.place, change.void.seq, change.epoch, change.kept) == (Place(room, Lane.PUB), 4, renewed.epoch, 4)
    assert await notes(store, "demo") == [(change.place, renewed.epoch, seq) for seq in range(1, 5)]


async def test_after_another_epoch_a_consumer_may_go_on_where_it_stood(store: Store) -> None:
    (room,) = await rooms(store, 1, 4)
    demo = Demo(lanes=frozenset({Lane.PUB}))
    demo.goes_on = True
    await look(node(store, demo))
    await store.database.write(renew_epochs)  # as a restore from a backup does
    await look(node(store, demo))
    await lay(store, lambda ground: ground.post(room, "新的一问"))

    await look(node(store, demo))

    assert len(demo.voids) == 1
    assert [(epoch, seq) for _, epoch, seq in demo.told[4:]] == [(demo.voids[0].epoch, 5)]


async def test_nobody_goes_on_from_where_the_lane_has_not_come(store: Store) -> None:
    (room,) = await rooms(store, 1, 4)

    class Bold(Demo):
        async def epoch_changed(self, change: EpochChanged) -> GoOn:
            return GoOn(99)

    demo = Bold(lanes=frozenset({Lane.PUB}))
    await look(node(store, demo))
    await store.renew_epoch(room, Lane.PUB, EPOCH[Lane.PUB])
    await lay(store, lambda ground: ground.post(room, "新的一问"))
    await look(node(store, demo))
    assert [seq for _, _, seq in demo.told] == [1, 2, 3, 4, 5]


async def test_numbers_that_went_back_make_a_new_epoch(store: Store) -> None:
    (room,) = await rooms(store, 1, 4)
    demo = Demo(lanes=frozenset({Lane.PUB}))
    await look(node(store, demo))

    def lose(ground: Ground) -> None:
        here = (schema.lane.c.stream_id == room, schema.lane.c.lane == "pub")
        ground.connection.execute(update(schema.lane).where(*here).values(head_seq=2))
        late = (schema.event.c.stream_id == room, schema.event.c.lane == "pub", schema.event.c.seq > 2)
        ground.connection.execute(schema.event.delete().where(*late))

    await lay(store, lose)
    await look(node(store, demo))

    (change,) = demo.voids
    assert (change.void.seq, change.kept) == (4, 0)
    assert change.epoch != EPOCH[Lane.PUB]
    assert await notes(store, "demo") == [(change.place, change.epoch, seq) for seq in (1, 2)]


async def test_two_nodes_share_the_work_and_double_nothing(store: Store, other: Store) -> None:
    made = await rooms(store, 6, 7)
    demos = [Demo(), Demo()]
    nodes = [node(store, demos[0]), node(other, demos[1])]
    for _ in range(3):
        await asyncio.gather(*(look(one) for one in nodes))
    written = await notes(store, "demo")
    assert set(written) == expected(made, 7)
    assert in_order(written)
    assert sorted(demos[0].told + demos[1].told) == sorted(written), "outside effects too: nobody crashed"


async def test_a_dead_node_is_replaced_after_its_lease_and_a_living_one_is_not(store: Store, other: Store) -> None:
    await rooms(store, 1, 5)
    gate, entered = asyncio.Event(), asyncio.Event()

    class Slow(Demo):
        async def handle(self, event: Event) -> None:
            entered.set()
            await gate.wait()

    time = HandScheduler()
    slow = node(store, Slow(lanes=frozenset({Lane.PUB})), time, Pace(lease_s=15, handle_s=600))
    await slow.look()
    await entered.wait()
    heir = node(other, Demo(lanes=frozenset({Lane.PUB})), time)
    for _ in range(5):
        await look(heir)
        time.advance(14)
        await slow.keep()
    await look(heir)
    assert await notes(store, "demo") == [], "the holder lives"
    time.advance(15)
    await look(heir)
    assert [seq for _, _, seq in await notes(store, "demo")] == [1, 2, 3, 4, 5]
    gate.set()
    await slow.settled()
    assert slow.counts["lost"] == 1
    assert in_order(await notes(store, "demo")), "who was replaced has moved nothing"


async def test_whoever_could_not_say_that_it_lives_stops_by_itself(store: Store) -> None:
    await rooms(store, 1, 5)
    time = HandScheduler()
    demo = Demo(lanes=frozenset({Lane.PUB}), before=lambda event: time.advance(8))
    follower = node(store, demo, time)
    await look(follower)
    assert [seq for _, _, seq in demo.told] == [1, 2]
    assert follower.counts["lost"] == 1


async def test_a_long_lane_lets_others_have_a_turn_and_is_gone_on_with(store: Store) -> None:
    await rooms(store, 1, 9)
    follower = node(store, Demo(lanes=frozenset({Lane.PUB})), pace=Pace(batch=2, batches=2))
    seen = []
    for _ in range(3):
        await look(follower)
        seen.append(len(await notes(store, "demo")))
    assert seen == [4, 8, 9]


async def test_more_rooms_than_a_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAGE", 2)
    made = await rooms(store, 5, 1)
    await look(node(store, Demo()))
    assert set(await notes(store, "demo")) == expected(made, 1)


async def test_it_runs_by_itself_woken_by_a_hint_and_by_its_own_look(store: Store) -> None:
    """On hand-made time: without the hint nothing would be read before the next look at everything."""
    (room,) = await rooms(store, 1, 1)
    time, demo = HandScheduler(), Demo()
    follower = node(store, demo, time, Pace(look_s=0.25, sweep_s=3_600))
    running = spawn(follower.run(), name="follower")
    try:
        await until(lambda: len(demo.told) == 2, time)
        post: PostId = await lay(store, lambda ground: ground.post(room, "还有一问"))
        follower.notice(Hint(room, Lane.PUB, EPOCH[Lane.PUB], 2, 2, [{"s": 2, "k": "msg", "id": post}]))
        await until(lambda: len(demo.told) == 3, time)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await follower.close()
    assert await store.behind("demo", (Lane.PUB, Lane.DESK), limit=5) == []


async def until(met: Callable[[], bool], time: HandScheduler) -> None:
    """Lets hand-made time pass beside the store's threads, which know only real time."""
    async with asyncio.timeout(20):
        while not met():
            time.advance(0.05)
            await asyncio.sleep(0.001)
