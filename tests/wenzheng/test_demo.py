"""The demo on a real store: every kind of room, everything done through the handlers, nothing done twice."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from accounts.passwords import Passwords
from kernel.clock import FrozenClock
from kernel.ids import RoomId
from persistence.store import Store, open_store
from rooms.model import Lane, Room, RoomState
from tests.wenzheng.conftest import unhashed
from wenzheng.demo import DEMO_PASSWORD, seed_demo
from wenzheng.demo_story import Say, load_stories

pytestmark = pytest.mark.anyio

# Contract §1; the demo may have more.
ACCOUNTS = (
    "admin host price1 price2 transport1 metro1 moderator1 moderator2 inspector1 evaluator1 coordinator1".split()  # noqa: SIM905
)


@pytest.fixture
async def demo_store(demo_url: str, clock: FrozenClock) -> AsyncIterator[Store]:
    store = await open_store(demo_url, clock=clock)
    yield store
    await store.close()


@pytest.fixture
async def seeded(demo_store: Store) -> list[RoomId]:
    return [room.id for room in (await demo_store.rooms(None, None, 50))[0]]


async def rooms_in(store: Store, state: RoomState) -> list[Room]:
    return (await store.rooms(state, None, 20))[0]


async def live_room(store: Store) -> Room:
    """The metro case, which the portal shows first."""
    return (await rooms_in(store, RoomState.LIVE))[0]


async def test_the_departments_and_accounts_of_the_contract_are_there(demo_store: Store, seeded: list[RoomId]) -> None:
    departments = {(department.id, department.name) for department in await demo_store.departments()}
    assert {("price", "市物价局"), ("transport", "市交通运输委"), ("metro", "市地铁公司")} <= departments
    for username in ACCOUNTS:
        account = await demo_store.account_by_username(username)
        assert account is not None
        assert account.password_hash == "hash of " + DEMO_PASSWORD
    price2 = await demo_store.account_by_username("price2")
    assert price2 is not None
    assert price2.department == "price"


async def test_the_published_password_opens_the_accounts(sqlite_store: Store, clock: FrozenClock) -> None:
    await seed_demo(sqlite_store, clock)
    host = await sqlite_store.account_by_username("host")
    assert host is not None
    assert await Passwords().matches(host.password_hash, DEMO_PASSWORD)


async def test_there_is_a_room_of_every_state_worth_showing(
    demo_store: Store, seeded: list[RoomId], clock: FrozenClock
) -> None:
    live = await live_room(demo_store)
    assert live.title.startswith("首条地铁线票价怎么定")
    assert [department.id for department in live.departments] == ["price", "transport", "metro"]
    (scheduled,) = await rooms_in(demo_store, RoomState.SCHEDULED)
    assert scheduled.starts_at is not None
    assert 20 * 3_600_000 < scheduled.starts_at - clock.now_ms() < 28 * 3_600_000
    (closed,) = await rooms_in(demo_store, RoomState.CLOSED)
    assert (await demo_store.transcript(closed.id))["questions"]
    assert len(await rooms_in(demo_store, RoomState.LIVE)) == 2  # the case in English too


async def test_the_live_room_shows_what_a_room_can_be(demo_store: Store, seeded: list[RoomId]) -> None:
    room = await live_room(demo_store)
    snapshot = await demo_store.snapshot(room.id, Lane.PUB, 50)
    kinds = [item["kind"] for item in snapshot.items if "kind" in item]
    assert kinds.count("question") >= 12
    assert kinds.count("reply") >= 12
    assert "comment" in kinds
    assert len(snapshot.pinned) == len(snapshot.stage) == 1
    assert sum(item.get("redacted", False) for item in snapshot.items) == 1
    assert any(item.get("ver", 1) > 1 for item in snapshot.items), "a correction"
    assert sum(up for up, _ in snapshot.tally.values()) > 100
    backstage = (await demo_store.events(room.id, Lane.DESK, 0, 10)).items
    assert [item["name"] for item in backstage if item["k"] == "seat"] == ["陈立言", "孟知秋", "高远行", "赵闻溪"]
    assert [item["kind"] for item in backstage if item["k"] == "msg"] == ["note", "note"]
    assert [department.seated for department in room.departments] == [2, 1, 1]


async def test_the_queue_has_work_of_every_kind(demo_store: Store, seeded: list[RoomId], clock: FrozenClock) -> None:
    room = await live_room(demo_store)
    waiting, _ = await demo_store.queue(room.id, "waiting", None, 50, clock.now_ms())
    phases = {reason.phase for post in waiting for reason in post.reasons}
    assert {"premoderation", "personal", "repetition"} <= phases
    decided, _ = await demo_store.queue(room.id, "decided", None, 50, clock.now_ms())
    assert [post.body for post in decided if post.post_state.value == "rejected"] != []


async def test_no_undecided_refused_or_hidden_text_is_public(demo_store: Store, seeded: list[RoomId]) -> None:
    private = [
        step.body
        for language in ("zh", "en")
        for story in load_stories(language)
        for step in story.steps
        if isinstance(step, Say) and (step.left or step.rule is not None or step.key == "shop" or step.kind == "note")
    ]
    assert len(private) > 8
    for room in seeded:
        public = str(await demo_store.transcript(room)) + str(await demo_store.snapshot(room, Lane.PUB, 500))
        assert [body for body in private if body in public] == []


async def test_nothing_has_happened_in_the_future(demo_store: Store, seeded: list[RoomId], clock: FrozenClock) -> None:
    for room in seeded:
        items = (await demo_store.events(room, Lane.PUB, 0, 500)).items
        times = [item["at"] for item in items]
        assert max(times) <= clock.now_ms()
        found = await demo_store.room(room)
        assert found is not None
        if found.state is RoomState.LIVE:
            assert clock.now_ms() - max(times) < 10 * 60_000, "a live room has a recent past"


async def test_a_second_seeding_touches_nothing(demo_store: Store, seeded: list[RoomId], clock: FrozenClock) -> None:
    before = await demo_store.heads(seeded)
    assert await seed_demo(demo_store, clock, hash_one=unhashed) == []
    assert await demo_store.heads(seeded) == before
    assert len((await demo_store.rooms(None, None, 50))[0]) == len(seeded)


async def test_either_store_is_seeded_without_keeping_anybody_waiting(store: Store, clock: FrozenClock) -> None:
    started = time.perf_counter()
    rooms = await seed_demo(store, clock, hash_one=unhashed)
    # About a second on a quiet machine; the bound leaves room for a busy one.
    assert time.perf_counter() - started < 30
    assert [len((await store.transcript(room))["questions"]) > 3 for room in rooms] == [True] * 4


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_step_speaks_of_a_post_that_was_made_before(language: str) -> None:
    for story in load_stories(language):
        made: set[str] = set()
        for step in story.steps:
            if isinstance(step, Say):
                assert step.key not in made
                assert step.to is None or step.to in made
                made.add(step.key)
            elif hasattr(step, "key"):
                assert step.key in made
