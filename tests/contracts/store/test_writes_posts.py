"""Writes of posts on both stores: exactly once, in one order, without holes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.commands import Command
from persistence import transaction
from persistence.loading import load
from persistence.store import Store, open_store
from rooms.commands import PostReceipt, RevisePost, Vote, WithdrawPost
from rooms.model import Lane, PostKind, PostState
from rooms.ports import Hint
from tests.contracts.store.invariants import assert_sound
from tests.factories import PRICE, guest, live_room, post_command, posted, published

pytestmark = pytest.mark.anyio


async def outcomes(store: Store, commands: list[Command]) -> list[object]:
    """All at once; a refusal is an outcome like any other."""
    return await asyncio.gather(*(store.commit(command) for command in commands), return_exceptions=True)


async def test_the_same_cid_is_one_post_whoever_asks_and_however_often(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    sent = [post_command(room.id, clock, ids, cid="same") for _ in range(20)]
    first = await outcomes(store, list(sent[:10]))
    both = await asyncio.gather(outcomes(store, list(sent[:10])), outcomes(other, list(sent[10:])))
    receipts = [one for one in (*first, *both[0], *both[1]) if isinstance(one, PostReceipt)]
    assert len(receipts) == 30
    assert len({(one.post, one.seq, one.number) for one in receipts}) == 1
    assert sum(not one.repeated for one in receipts) == 1
    await assert_sound(store)


async def test_two_nodes_given_the_same_cid_at_the_same_moment_store_one_post(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    for n in range(15):
        one, two = (post_command(room.id, clock, ids, cid=f"c{n}") for _ in range(2))
        first, second = await asyncio.gather(store.commit(one), other.commit(two))
        assert isinstance(first, PostReceipt)
        assert isinstance(second, PostReceipt)
        assert first.post == second.post
        assert first.repeated != second.repeated
    await assert_sound(store)


async def test_a_cid_stored_meanwhile_is_found_when_decided_again(
    store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await live_room(store, clock, ids)
    first, second = (post_command(room.id, clock, ids, cid="same") for _ in range(2))
    old = await store.database.write(partial(load, batch=[second], now=clock.now_ms()))
    views = [old]
    await store.commit(first)
    monkeypatch.setattr(
        transaction, "load", lambda connection, batch, now: views.pop() if views else load(connection, batch, now)
    )
    again = await store.commit(second)
    assert isinstance(again, PostReceipt)
    assert (again.post, again.repeated) == (first.id, True)
    await assert_sound(store)


async def test_the_same_cid_with_another_text_conflicts(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    await posted(store, room.id, clock, ids, cid="same", body="一")
    with pytest.raises(Refusal, match="conflict"):
        await posted(store, room.id, clock, ids, cid="same", body="二")


async def test_a_hundred_posts_at_once_from_two_nodes_are_numbered_without_holes(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    heard: list[Hint] = []
    store.on_commit(heard.extend)
    other.on_commit(heard.extend)
    sent = [post_command(room.id, clock, ids, by=guest(str(n))) for n in range(100)]
    both = await asyncio.gather(outcomes(store, list(sent[:50])), outcomes(other, list(sent[50:])))
    receipts = [one for part in both for one in part if isinstance(one, PostReceipt)]
    assert sorted(one.seq or 0 for one in receipts) == list(range(2, 102))
    assert sorted(one.number or 0 for one in receipts) == list(range(1, 101))
    told = sorted(item["s"] for hint in heard if hint.lane is Lane.PUB for item in hint.items)
    assert told == list(range(2, 102))
    await assert_sound(store)


async def test_what_waits_together_is_committed_together(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    batches: list[list[Hint]] = []
    store.on_commit(batches.append)
    await outcomes(store, [post_command(room.id, clock, ids, by=guest(str(n))) for n in range(50)])
    assert len(batches) < 10
    queued = [hint.items[-1]["waiting"] for hints in batches for hint in hints if hint.lane is Lane.MOD]
    assert queued[-1] == 50


async def test_one_bad_command_fails_alone(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    taken = post_command(room.id, clock, ids)
    await store.commit(taken)
    sent: list[Command] = [post_command(room.id, clock, ids, by=guest(str(n))) for n in range(9)]
    twin = post_command(room.id, clock, ids, by=guest("twin"))
    # An id that is taken, a moment no column holds: faults that only the database finds.
    impossible = [replace(twin, id=taken.id), replace(twin, cid="late", at=2**70)]
    found = await outcomes(store, [*sent[:5], *impossible, *sent[5:]])
    receipts = [one for one in found if isinstance(one, PostReceipt)]
    refused = [one for one in found if isinstance(one, Refusal)]
    assert len(receipts) == 9
    assert {one.code.name for one in refused} == {"internal"}
    await assert_sound(store)


async def test_a_refused_command_in_a_batch_leaves_no_hole(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    good: list[Command] = [post_command(room.id, clock, ids, by=guest(str(n))) for n in range(10)]
    bad: list[Command] = [
        post_command(room.id, clock, ids, kind=PostKind.REPLY, by=PRICE, reply_to=PostId("0" * 26)) for _ in range(10)
    ]
    mixed = [command for pair in zip(good, bad, strict=True) for command in pair]
    found = await outcomes(store, mixed)
    assert [isinstance(one, PostReceipt) for one in found] == [True, False] * 10
    await assert_sound(store)


async def test_a_post_survives_whoever_sent_it(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    command = post_command(room.id, clock, ids)
    caller = spawn(store.commit(command), name="caller")
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    again = await store.commit(command)
    assert isinstance(again, PostReceipt)
    assert again.repeated
    await assert_sound(store)


async def test_closing_ends_what_was_accepted(
    store_url: str, store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    second = await open_store(store_url, clock=clock)
    commands = [post_command(room.id, clock, ids, by=guest(str(n))) for n in range(200)]
    sent = [spawn(second.commit(command), name="caller") for command in commands]
    await asyncio.sleep(0)
    await second.close()
    assert all(isinstance(one.result(), PostReceipt) for one in sent)
    with pytest.raises(Refusal, match="unavailable"):
        await second.commit(post_command(room.id, clock, ids))


async def test_a_pending_post_is_revised_and_withdrawn(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    first = await posted(store, room.id, clock, ids)
    revised = await store.commit(_revision(first, clock, "第二版"))
    assert isinstance(revised, PostReceipt)
    assert (revised.version, revised.state) == (2, PostState.PENDING)
    with pytest.raises(Refusal, match="stale_version"):
        await store.commit(_revision(first, clock, "第三版"))
    gone = await store.commit(WithdrawPost(first.post, guest(), clock.now_ms()))
    assert isinstance(gone, PostReceipt)
    assert gone.state is PostState.WITHDRAWN
    await assert_sound(store)


async def test_a_published_post_is_corrected_and_withdrawn(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    question = await published(store, room.id, clock, ids)
    heard: list[Hint] = []
    store.on_commit(heard.extend)
    await store.commit(_revision(question, clock, "第二版"))
    await store.commit(WithdrawPost(question.post, guest(), clock.now_ms()))
    items = [item for hint in heard if hint.lane is Lane.PUB for item in hint.items]
    assert [(item["k"], item.get("body")) for item in items] == [("edit", "第二版"), ("redact", None)]
    await assert_sound(store)


async def test_slow_mode_looks_at_what_is_stored(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids, slow_ms=30_000)
    await posted(store, room.id, clock, ids)
    clock.advance(29_000)
    with pytest.raises(Refusal) as refused:
        await posted(other, room.id, clock, ids)
    assert refused.value == Refusal("slow_mode", retry_ms=1_000)
    clock.advance(1_000)
    await posted(other, room.id, clock, ids)


async def test_every_voter_counts_once_however_they_crowd(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    posts = [(await published(store, room.id, clock, ids)).post for _ in range(3)]
    votes: list[Command] = [
        Vote(posts[n % 3], guest(str(n % 40)).id or PRICE.id, 1 if n % 2 else -1, clock.now_ms())  # type: ignore[arg-type]
        for n in range(240)
    ]
    await asyncio.gather(outcomes(store, votes[:120]), outcomes(other, votes[120:]))
    await assert_sound(store)
    snapshot = await store.snapshot(room.id, Lane.PUB, 50)
    assert sum(sum(tally) for tally in snapshot.tally.values()) == 120


async def test_votes_are_told_without_a_number(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    question = await published(store, room.id, clock, ids)
    heard: list[Hint] = []
    store.on_commit(heard.extend)
    await store.commit(Vote(question.post, PRICE.id, 1, clock.now_ms()))  # type: ignore[arg-type]
    head = (await store.heads([room.id]))[room.id, Lane.PUB]
    assert heard == [Hint(room.id, Lane.PUB, head.epoch, head.seq + 1, head.seq, [], {question.post: (1, 0)})]


def _revision(post: PostReceipt, clock: FrozenClock, body: str) -> RevisePost:
    return RevisePost(post.post, 1, body, guest(), PostState.PUBLISHED, (), b"0123456789abcdef", clock.now_ms())
