"""The simulated crowd on a real store, with time that moves only when it sleeps."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kernel.allowances import OwnAllowances
from kernel.clock import FrozenClock
from kernel.ids import MonotonicIds, RoomId
from kernel.permissions import Role
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.handlers import Posting, Review
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from persistence.store import Store, open_store
from rooms.handlers import Rooms
from rooms.model import Lane, PostKind, RoomState
from wenzheng.crowd import Crowd, Tools
from wenzheng.crowd_bank import LANGUAGES, load_bank
from wenzheng.crowd_scene import WAITING_MAX
from wenzheng.demo_story import load_stories

pytestmark = pytest.mark.anyio


@dataclass
class Stage:
    """What the crowd is given, and a way to let time pass."""

    store: Store
    rooms: Rooms
    posting: Posting
    review: Review
    clock: FrozenClock
    slept: int = 0

    @property
    def tools(self) -> Tools:
        return Tools(self.store, self.rooms, self.posting, self.review, self.clock)

    async def watch(self, crowd_minutes: float, **options: bool) -> None:
        """Runs a crowd for so long, then cancels it as a server does that stops."""
        until = self.clock.now_ms() + crowd_minutes * 60_000
        enough = asyncio.Event()

        async def sleep(seconds: float) -> None:
            self.slept += 1
            if self.clock.now_ms() >= until:
                enough.set()
                await asyncio.Future()
            self.clock.advance(int(seconds * 1000))

        running = spawn(Crowd(self.tools, seed=7, sleep=sleep, **options).run(), name="crowd")
        await asyncio.wait({running, spawn(enough.wait(), name="enough")}, return_when=asyncio.FIRST_COMPLETED)
        assert not running.done(), "the crowd must not end by itself"
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    async def live(self) -> RoomId:
        """The metro case, in Chinese."""
        return (await self.store.rooms(RoomState.LIVE, None, 1))[0][0].id

    async def waiting(self) -> list[str]:
        queue, _ = await self.store.queue(await self.live(), None, None, 200, self.clock.now_ms())
        return [post.body for post in queue]

    async def published(self, kind: PostKind) -> list[str]:
        items = (await self.store.transcript(await self.live()))["items"]
        return [item["body"] for item in items if item.get("kind") == kind.value]


class Injected(Exception):
    """What a test breaks on purpose."""


def on_stage(store: Store, clock: FrozenClock) -> Stage:
    ids = MonotonicIds(clock)
    return Stage(
        store,
        Rooms(store, clock, ids),
        Posting(store, clock, ids, standard_pipeline(), Pace(OwnAllowances(clock))),
        Review(store, clock, ids),
        clock,
    )


@pytest.fixture
async def stage(demo_url: str, clock: FrozenClock, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Stage]:
    store = await open_store(demo_url, clock=clock)
    yield on_stage(store, clock)
    await store.close()
    stumbles = [record.message for record in caplog.get_records("call") if "stumbled" in record.message]
    assert [message for message in stumbles if "Injected" not in message] == [], "only what a test breaks goes wrong"


async def test_the_crowd_asks_at_human_pace_and_waits_for_a_moderator(stage: Stage) -> None:
    before = len(await stage.waiting())
    published = await stage.published(PostKind.QUESTION)
    await stage.watch(5)
    asked = len(await stage.waiting()) - before
    assert 6 <= asked <= 16, "one each 20 to 40 seconds"
    assert await stage.published(PostKind.QUESTION) == published, "nothing is published by itself"


async def test_it_stops_asking_when_too_many_wait(stage: Stage) -> None:
    before = len(await stage.waiting())
    await stage.watch(12)
    assert len(await stage.waiting()) - before == WAITING_MAX


async def test_people_vote_while_they_wait(stage: Stage) -> None:
    room = await stage.live()
    before = (await stage.store.snapshot(room, Lane.PUB, 50)).tally
    await stage.watch(4)
    after = (await stage.store.snapshot(room, Lane.PUB, 50)).tally
    assert sum(map(sum, after.values())) > sum(map(sum, before.values())) + 15


async def test_with_a_demo_moderator_the_room_comes_alive(stage: Stage) -> None:
    questions = await stage.published(PostKind.QUESTION)
    replies = await stage.published(PostKind.REPLY)
    comments = await stage.published(PostKind.COMMENT)
    await stage.watch(8, moderator=True)
    assert len(await stage.published(PostKind.QUESTION)) > len(questions) + 8
    assert len(await stage.published(PostKind.REPLY)) > len(replies) + 3
    assert len(await stage.published(PostKind.COMMENT)) > len(comments)
    assert len(await stage.waiting()) < 5
    decided, _ = await stage.store.queue(await stage.live(), "decided", None, 200, stage.clock.now_ms())
    refused = [post for post in decided if post.post_state.value == "rejected"]
    assert refused
    assert all(any(reason.rule for reason in post.reasons) for post in refused), "refused by rule only"
    assert len(refused) < len(decided) / 3


async def test_a_moderator_can_come_without_a_crowd(stage: Stage) -> None:
    await stage.watch(3, crowd=False, moderator=True)
    assert await stage.waiting() == []


async def test_the_same_seed_does_the_same(stage: Stage, demo_template: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copyfile(demo_template, copy)
    clock = FrozenClock(stage.clock.now_ms())
    store = await open_store(f"sqlite:///{copy}", clock=clock)
    try:
        other = on_stage(store, clock)
        await stage.watch(4)
        await other.watch(4)
        assert await stage.waiting() == await other.waiting()
        assert stage.slept == other.slept
    finally:
        await store.close()


async def test_a_room_that_somebody_opened_has_no_crowd(stage: Stage) -> None:
    host = await stage.store.account_by_username("host")
    assert host is not None
    room = await stage.rooms.create(host.actor(), title="我自己开的房间", departments=["price"], open=True)
    await stage.watch(3, moderator=True)
    assert (await stage.store.transcript(room.id))["items"] == []
    assert await stage.store.queue(room.id, None, None, 10, stage.clock.now_ms()) == ([], None)


async def test_when_the_room_closes_the_crowd_goes_silent_and_lives_on(stage: Stage) -> None:
    host = await stage.store.account_by_username("host")
    assert host is not None
    rooms, _ = await stage.store.rooms(RoomState.LIVE, None, 10)
    for room in rooms:
        await stage.rooms.change(host.actor(), room.id, "close")
    await stage.watch(5, moderator=True)
    for room in rooms:
        head = (await stage.store.events(room.id, Lane.PUB, 0, 500)).items[-1]
        assert head["k"] == "state"


async def test_a_store_that_is_away_for_a_while_does_not_end_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[Exception] = [Refusal("unavailable"), Injected(), Refusal("queue_full")] * 3
    commit = stage.store.commit

    async def flaky(command: object) -> object:
        if failures:
            raise failures.pop()
        return await commit(command)  # type: ignore[arg-type]

    monkeypatch.setattr(stage.store, "commit", flaky)
    before = len(await stage.waiting())
    await stage.watch(6)
    assert failures == []
    assert len(await stage.waiting()) > before


async def test_the_bank_is_large_varied_and_civil() -> None:
    for language, least in zip(LANGUAGES, (40, 12), strict=True):
        bank = load_bank(language)
        asks = [topic.ask for topic in bank.topics]
        assert len(set(asks)) == len(asks) >= least
        assert all(topic.dept in bank.staff for topic in bank.topics if topic.answer)
        assert all(topic.answer for topic in bank.topics if topic.follow)
        assert bank.room in {story.title for story in load_stories(language)}


async def test_crowd_members_are_guests_like_any(stage: Stage) -> None:
    await stage.watch(3)
    queue, _ = await stage.store.queue(await stage.live(), None, None, 200, stage.clock.now_ms())
    for post in queue:
        assert post.author.role is Role.NETIZEN
        assert post.author.id.startswith("g:")
        assert len(post.author.id) == 28
