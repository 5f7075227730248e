"""Questions made one on both databases: what was merged away is shown nowhere, its asker is told where it went."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId, UserId
from kernel.refusals import Refusal
from moderation.commands import Merge, Merged, Reopen, Ruling
from moderation.handlers import Review
from persistence.exporting import to_csv, to_markdown
from persistence.store import Store
from rooms.commands import Redact, Restore
from rooms.model import Lane, PostState
from rooms.ports import Hint
from tests.contracts.store.invariants import assert_sound
from tests.factories import LEASE_MS, MODERATOR, MODERATOR_2, guest, live_room, posted, published, pulled

pytestmark = pytest.mark.anyio

SECRET = "被并入的原话"


async def merge(store: Store, clock: FrozenClock, into: PostId, *posts: PostId) -> Merged:
    outcome = await store.commit(Merge(into, 1, tuple((post, 1) for post in posts), MODERATOR, clock.now_ms()))
    assert isinstance(outcome, Merged)
    return outcome


async def everything_public(store: Store, room: RoomId) -> dict[str, Any]:
    transcript = await store.transcript(room)
    snapshot = await store.snapshot(room, Lane.PUB, 50)
    return {
        "events": [(await store.events(room, lane, 0, 200)).items for lane in (Lane.PUB, Lane.DESK, Lane.MOD)],
        "snapshot": snapshot.items,
        "questions": (await store.questions(room, None, 50))[0],
        "transcript": transcript,
        "csv": to_csv(transcript),
        "md": to_markdown(transcript),
        "of another": await store.my(room, UserId("g:somebody"), 10),
    }


async def test_merged_away_is_nowhere_and_its_asker_knows_where_it_went(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = (await live_room(store, clock, ids)).id
    hints: list[Hint] = []
    store.on_commit(hints.extend)
    into = (await posted(store, room, clock, ids, by=guest("1"), body="起步价为什么三元？")).post
    away = (await posted(store, room, clock, ids, by=guest("2"), body=SECRET)).post
    shown = (await published(store, room, clock, ids, by=guest("3"), body=f"{SECRET}，已公开")).post
    await pulled(store, clock, n=10)
    merged = await merge(store, clock, into, away, shown)
    assert (merged.into.state, merged.askers, merged.posts) == (PostState.PUBLISHED, 3, ((away, None), (shown, None)))

    public = await everything_public(store, room)
    assert SECRET not in json.dumps(public, ensure_ascii=False)
    (item,) = (item for item in public["snapshot"] if item["id"] == into)
    assert item["askers"] == 3
    # As it was told at the commit and as it is read again.
    told = [item for hint in hints if hint.lane is Lane.PUB for item in hint.items]
    assert [item for item in told if item["k"] == "askers"] == [
        item for item in public["events"][0] if item["k"] == "askers"
    ]
    number = merged.into.number
    for asker, post in (("2", away), ("3", shown)):
        (own,) = (await store.my(room, UserId(str(guest(asker).id)), 10))["posts"]
        assert (own["post"], own["merged"]) == (post, {"q": into, "number": number})
    await assert_sound(store)


async def test_parted_again_each_counts_for_itself(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = (await live_room(store, clock, ids)).id
    into = (await posted(store, room, clock, ids, by=guest("1"))).post
    away = (await posted(store, room, clock, ids, by=guest("2"))).post
    shown = (await published(store, room, clock, ids, by=guest("3"))).post
    await pulled(store, clock, n=10)
    await merge(store, clock, into, away, shown)
    await store.commit(Reopen(away, 1, MODERATOR, LEASE_MS, 60_000, b"s" * 16, clock.now_ms()))
    await store.commit(Restore(shown, "reviewed", MODERATOR, clock.now_ms()))
    (own,) = (await store.my(room, UserId(str(guest("2").id)), 10))["posts"]
    assert (own["state"], "merged" in own) == ("pending", False)
    items = {item["id"]: item for item in (await store.snapshot(room, Lane.PUB, 50)).items}
    assert "askers" not in items[into]
    assert "body" in items[shown]
    await assert_sound(store)


async def test_two_nodes_that_merge_each_into_the_other_leave_one(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = (await live_room(store, clock, ids)).id
    one, two = [(await published(store, room, clock, ids, by=guest(n))).post for n in "12"]
    found = await asyncio.gather(merge(store, clock, one, two), merge(other, clock, two, one), return_exceptions=True)
    done = [merged for merged in found if isinstance(merged, Merged) and merged.posts[0][1] is None]
    assert len(done) == 1
    assert sum(item.get("askers", 1) == 2 for item in (await store.snapshot(room, Lane.PUB, 50)).items) == 1
    await assert_sound(store)


async def test_many_at_once_each_with_its_own_outcome(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = (await live_room(store, clock, ids)).id
    review = Review(store, clock, ids)
    posts = [(await posted(store, room, clock, ids, by=guest(str(n)), body="支持两元！")).post for n in range(4)]
    held = (await review.pull(MODERATOR_2, None, 1, posts[3]))[0].post
    group = await review.groups.alike(MODERATOR, posts[0])
    assert {one.post.post for one in group} == set(posts[1:])
    decided = await review.groups.decide(MODERATOR, [(post, 1) for post in posts], Ruling.REJECT, 6)
    assert [one.code for one in decided] == [None, None, None, "lease_lost"]
    assert held == posts[3]
    with pytest.raises(Refusal, match="no_post"):
        await review.groups.alike(MODERATOR, posts[0])


async def test_a_merge_takes_its_leases_itself(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = (await live_room(store, clock, ids)).id
    review = Review(store, clock, ids)
    posts = [(await posted(store, room, clock, ids, by=guest(str(n)))).post for n in range(3)]
    await review.pull(MODERATOR_2, None, 1, posts[2])
    merged = await review.groups.merge(MODERATOR, posts[0], 1, [(posts[1], 1), (posts[2], 1)])
    assert (merged.askers, merged.posts) == (2, ((posts[1], None), (posts[2], "lease_lost")))


async def test_what_was_covered_is_nowhere_and_its_author_knows(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = (await live_room(store, clock, ids)).id
    review = Review(store, clock, ids)
    post = (await posted(store, room, clock, ids, by=guest("1"), body=f"{SECRET}，问票价")).post
    await review.pull(MODERATOR, None, 1)
    await review.mask(MODERATOR, post, 1, [(0, len(SECRET))])
    # Hidden and shown again it is still the covered text.
    await store.commit(Redact(post, "undo", MODERATOR, clock.now_ms()))
    await store.commit(Restore(post, "reviewed", MODERATOR, clock.now_ms()))
    public = await everything_public(store, room)
    assert SECRET not in json.dumps(public, ensure_ascii=False)
    assert r"\*\*\*\*\*\*，问票价" in public["md"]
    (own,) = (await store.my(room, UserId(str(guest("1").id)), 10))["posts"]
    assert (own["masked"], own["body"]) == (True, "******，问票价")
    await assert_sound(store)


async def test_what_its_own_asker_merged_something_into_stays(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = (await live_room(store, clock, ids)).id
    first, again, third = [(await posted(store, room, clock, ids, by=guest(name))).post for name in "112"]
    await pulled(store, clock, n=10)
    assert (await merge(store, clock, first, again)).askers == 1
    assert (await merge(other, clock, third, first)).posts == ((first, "conflict"),)
    await assert_sound(store)
