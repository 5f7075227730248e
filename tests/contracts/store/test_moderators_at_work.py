"""Many moderators on one queue, on both databases and two nodes: nobody meets, nothing is decided twice or left."""

from __future__ import annotations

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds
from persistence.store import Store
from rooms.model import RoomState
from tests.contracts.store.invariants import assert_sound
from tests.load.reviewers import LEASE_TURNS, SLACK_TURNS, Record, Shift

pytestmark = pytest.mark.anyio

POSTS, FEW = 90, 40


async def shift(
    stores: list[Store], clock: FrozenClock, ids: CountingIds, moderators: int, posts: int = FEW
) -> tuple[Shift, Record]:
    at_work = Shift(stores, clock, ids, moderators)
    await at_work.open(posts)
    # Each takes a turn to pull three and three to decide them; one of them mostly sleeps.
    return at_work, await at_work.work(turns_max=2 * posts + 3 * LEASE_TURNS)


@pytest.mark.parametrize("moderators", [2, 9])
async def test_nobody_meets_and_nothing_starves(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds, moderators: int
) -> None:
    at_work, record = await shift([store, other], clock, ids, moderators, POSTS)
    assert record.violations() == set()
    # Whoever slept past the lease lost politely, and what was in that hand went to the others.
    assert record.lost > 0
    assert all(len(one) == 1 for one in record.decided.values())
    # Who asks in a quiet room does not wait until the hot one is empty, longer than somebody sleeps over it.
    assert at_work.quiet
    assert record.waits(at_work.quiet)[-1] <= LEASE_TURNS + SLACK_TURNS
    await assert_sound(store)


async def test_without_the_question_whether_it_is_free_two_get_the_same(
    sqlite_store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.decide_leases.free", lambda post, now: post.waiting)
    _, record = await shift([sqlite_store], clock, ids, 9)
    assert "met" in record.violations()


async def test_without_the_question_who_holds_it_a_sleeper_decides_what_is_anothers(
    sqlite_store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.decide_leases.holds", lambda post, moderator, now: post.waiting)
    _, record = await shift([sqlite_store], clock, ids, 2)
    assert "stolen" in record.violations()


async def test_where_a_room_not_on_air_counts_for_less_for_ever_it_starves(
    sqlite_store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def patient(state: RoomState, held: int, waited_ms: int) -> int:
        return 10**9 if state is RoomState.SCHEDULED else held

    monkeypatch.setattr("moderation.urgency.OVERDUE_MS", 10_000)
    _, record = await shift([sqlite_store], clock, ids, 2, POSTS)
    assert record.violations() == set()
    monkeypatch.setattr("moderation.decide_leases.pressure", patient)
    monkeypatch.setattr("persistence.loading.pressure", patient)
    _, record = await shift([sqlite_store], clock, ids, 2, POSTS)
    assert record.violations() == {"starved"}
