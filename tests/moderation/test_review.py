"""Review as a dialogue: moderators pull, hold, decide and sanction; nobody else does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId, UserId
from kernel.permissions import VISITOR, Actor
from kernel.refusals import Refusal
from moderation.commands import Decide, Extend, Held, LiftSanction, Pull, Release, Ruling, Sanction, Sanctioned
from moderation.handlers import Review
from moderation.review import LEASE_MS
from rooms.commands import PostReceipt
from rooms.model import PostState
from tests.moderation.fake_store import HOST, MODERATOR, NETIZEN, RESPONDENT, ROOM, FakeStore

pytestmark = pytest.mark.anyio

POST = PostId("post")
HOUR = 3_600_000


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def review(store: FakeStore, clock: FrozenClock) -> Review:
    return Review(store, clock, CountingIds())  # type: ignore[arg-type]  # only what review touches


CALLS: dict[str, Callable[[Review, Actor], Awaitable[object]]] = {
    "pull": lambda review, actor: review.pull(actor, ROOM, 1),
    "extend": lambda review, actor: review.extend(actor, POST, 1),
    "release": lambda review, actor: review.release(actor, POST, 1),
    "decide": lambda review, actor: review.decide(actor, POST, 1, Ruling.PUBLISH),
    "reopen": lambda review, actor: review.reopen(actor, POST, 1),
    "queue": lambda review, actor: review.queue(actor, ROOM, None, None, 10),
    "history": lambda review, actor: review.history(actor, UserId("g:lin"), ROOM),
    "mute": lambda review, actor: review.sanction(actor, UserId("g:lin"), ROOM, 1, "刷屏", 5),
    "unmute": lambda review, actor: review.unmute(actor, UserId("g:lin"), ROOM),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("actor", [VISITOR, NETIZEN, RESPONDENT, HOST])
async def test_nobody_but_a_moderator(review: Review, store: FakeStore, call: str, actor: Actor) -> None:
    with pytest.raises(Refusal, match="unauthenticated" if actor is VISITOR else "forbidden"):
        await CALLS[call](review, actor)
    assert store.commands == []


async def test_pulling_leases_for_thirty_seconds(review: Review, store: FakeStore, clock: FrozenClock) -> None:
    assert await review.pull(MODERATOR, None, 50) == ()
    assert store.commands == [Pull(None, 50, MODERATOR, LEASE_MS, clock.now_ms())]
    for n in (0, 51, -1):
        with pytest.raises(Refusal, match="bad_frame"):
            await review.pull(MODERATOR, None, n)
    with pytest.raises(Refusal, match="no_room"):
        await review.pull(MODERATOR, RoomId("none"), 1)
    with pytest.raises(Refusal, match="bad_frame"):
        await review.pull(MODERATOR, None, 1, take_over=True)


async def test_holding_on_and_letting_go(review: Review, store: FakeStore, clock: FrozenClock) -> None:
    now = clock.now_ms()
    store.outcome = Held(now + LEASE_MS)
    assert await review.extend(MODERATOR, POST, 2) == now + LEASE_MS
    await review.release(MODERATOR, POST, 2)
    assert store.commands == [Extend(POST, 2, MODERATOR, LEASE_MS, now), Release(POST, 2, MODERATOR, now)]


async def test_a_ruling_names_the_version_the_rule_and_a_note(
    review: Review, store: FakeStore, clock: FrozenClock
) -> None:
    store.outcome = PostReceipt(POST, ROOM, PostState.REJECTED, 2)
    receipt = await review.decide(MODERATOR, POST, 2, Ruling.REJECT, 3, " 请去掉手机号 ")
    assert receipt.state is PostState.REJECTED
    assert store.commands == [Decide(POST, 2, Ruling.REJECT, "3", "请去掉手机号", MODERATOR, clock.now_ms())]
    with pytest.raises(Refusal, match="bad_frame"):
        await review.decide(MODERATOR, POST, 2, Ruling.REJECT, "a whole sentence")


async def test_what_the_store_refuses_reaches_the_moderator(review: Review, store: FakeStore) -> None:
    for code in ("stale_version", "lease_lost", "no_post", "unavailable"):
        store.fail = Refusal(code)
        with pytest.raises(Refusal, match=code):
            await review.decide(MODERATOR, POST, 1, Ruling.PUBLISH)


async def test_looking_at_the_queue_takes_nothing(review: Review, store: FakeStore, clock: FrozenClock) -> None:
    assert await review.queue(MODERATOR, ROOM, "waiting", None, 10) == ([], None)
    assert store.commands == [(ROOM, "waiting", None, 10, clock.now_ms())]
    for state, limit in (("lost", 10), (None, 0), (None, 201)):
        with pytest.raises(Refusal, match="bad_request"):
            await review.queue(MODERATOR, ROOM, state, None, limit)


async def test_a_sanction_has_a_reason_and_an_end(review: Review, store: FakeStore, clock: FrozenClock) -> None:
    now = clock.now_ms()
    store.outcome = Sanctioned(now + HOUR)
    assert await review.sanction(MODERATOR, UserId("g:lin"), ROOM, now + HOUR, "反复刷屏", 5) == now + HOUR
    (command,) = store.commands
    assert isinstance(command, Sanction)
    assert (command.until, command.reason, command.rule) == (now + HOUR, "反复刷屏", 5)


@pytest.mark.parametrize(
    ("ahead", "reason", "rule", "field"),
    [
        (0, "刷屏", 5, "until"),
        (11 * 366 * 24 * HOUR, "刷屏", 5, "until"),
        (HOUR, "刷屏", 9, "rule"),
        (HOUR, "  ", 5, "reason"),
    ],
)
async def test_a_sanction_without_is_none(
    review: Review, clock: FrozenClock, ahead: int, reason: str, rule: int, field: str
) -> None:
    with pytest.raises(Refusal, match="bad_request") as refused:
        await review.sanction(MODERATOR, UserId("g:lin"), None, clock.now_ms() + ahead, reason, rule)
    assert refused.value.field == field


async def test_a_sanction_can_be_lifted(review: Review, store: FakeStore, clock: FrozenClock) -> None:
    store.outcome = Sanctioned(0)
    await review.unmute(MODERATOR, UserId("g:lin"), None)
    assert store.commands == [LiftSanction(UserId("g:lin"), None, MODERATOR, clock.now_ms())]
