"""Proposals to hide an answer on both stores: one of a post, decided once at whichever node, ended by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId
from kernel.refusals import Refusal
from moderation.appeal_commands import Appeal, AppealMade, DecideAppeal
from moderation.lapsing import Lapsing
from moderation.proposal_commands import DeclineHiding, ProposalEnded
from persistence.store import Store
from rooms.appeals import AppealState
from rooms.commands import Done, Proposed, Redact, Restore, RevisePost, SetRoom
from rooms.model import Lane, PostKind, PostState
from rooms.proposals import ProposalState
from tests.contracts.store.invariants import assert_sound
from tests.factories import HOST, MODERATOR, MODERATOR_2, PRICE, live_room, published

pytestmark = pytest.mark.anyio
SALT = b"0123456789abcdef"


async def answered(store: Store, clock: FrozenClock, ids: CountingIds, **policy: Any) -> tuple[RoomId, PostId]:
    room = (await live_room(store, clock, ids, **{"two_person": True, **policy})).id
    question = (await published(store, room, clock, ids)).post
    answer = await published(store, room, clock, ids, by=PRICE, kind=PostKind.REPLY, reply_to=question, body="三元。")
    return room, answer.post


async def listed(store: Store, clock: FrozenClock, room: RoomId, state: str = "open") -> list[dict[str, Any]]:
    return (await store.proposals(room, ProposalState(state), None, 10, clock.now_ms()))[0]


async def said(store: Store, room: RoomId, lane: Lane) -> list[dict[str, Any]]:
    return [one for one in (await store.events(room, lane, 0, 100)).items if one["k"] == "proposal"]


async def test_a_proposal_is_listed_with_the_answer_as_it_stands(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room, post = await answered(store, clock, ids)
    made = await store.commit(Redact(post, "2", MODERATOR, clock.now_ms(), lasts_ms=60_000))
    assert made == Proposed(post, 1, clock.now_ms() + 60_000)
    (one,) = await listed(store, clock, room)
    assert (one["post"], one["ver"], one["proposal"], one["reason"], one["body"]) == (post, 1, 1, "2", "三元。")
    assert (one["by"]["name"], one["author"]["dept"], one["number"], one["decided"]) == ("moderator1", "price", 1, None)
    (at_desk,), (at_mod,) = await said(store, room, Lane.DESK), await said(store, room, Lane.MOD)
    assert (at_desk["state"], at_desk["reason"], "by" in at_desk) == ("open", "2", False)
    assert at_mod["by"]["name"] == "moderator1"
    assert await listed(store, clock, RoomId("none")) == []
    assert (await store.ledger(room))["two_person"] == {"confirmed": 0, "declined": 0}, "not while it is open"
    await assert_sound(store)


async def test_two_who_confirm_at_two_nodes_hide_it_once(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room, post = await answered(store, clock, ids)
    await store.commit(Redact(post, "2", MODERATOR, clock.now_ms()))
    first, second = await asyncio.gather(
        store.commit(Redact(post, "5", MODERATOR_2, clock.now_ms(), proposal=1)),
        other.commit(Redact(post, "5", HOST, clock.now_ms(), proposal=1)),
    )
    assert isinstance(first, Done)
    assert first == second
    items = (await store.events(room, Lane.PUB, 0, 100)).items
    assert [one["reason"] for one in items if one["k"] == "redact"] == ["2"]
    (one,) = await listed(store, clock, room, "confirmed")
    assert one["body"] == ""
    assert (await store.ledger(room))["two_person"] == {"confirmed": 1, "declined": 0}
    hidden = [one for one in (await store.events(room, Lane.MOD, 0, 100)).items if one["k"] == "hidden"]
    assert [one["first"]["name"] for one in hidden] == ["moderator1"]
    await assert_sound(store)


async def test_two_who_propose_at_two_nodes_are_two_who_agree(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    _, post = await answered(store, clock, ids)
    done = await asyncio.gather(
        store.commit(Redact(post, "2", MODERATOR, clock.now_ms())),
        other.commit(Redact(post, "2", MODERATOR_2, clock.now_ms())),
    )
    assert sorted(type(one).__name__ for one in done) == ["Done", "Proposed"]


async def test_confirmed_at_one_node_and_declined_at_another_one_of_them_counts(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room, post = await answered(store, clock, ids)
    await store.commit(Redact(post, "2", MODERATOR, clock.now_ms()))
    done = await asyncio.gather(
        store.commit(Redact(post, "2", MODERATOR_2, clock.now_ms(), proposal=1)),
        other.commit(DeclineHiding(post, 1, "属实", HOST, clock.now_ms())),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) in (["Done", "Refusal"], ["ProposalEnded", "Refusal"])
    assert [one.code.name for one in done if isinstance(one, Refusal)] == ["decided"]
    assert len(await said(store, room, Lane.MOD)) == 2


async def test_declined_with_a_word_and_proposed_anew(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room, post = await answered(store, clock, ids)
    await store.commit(Redact(post, "2", MODERATOR, clock.now_ms()))
    ended = await store.commit(DeclineHiding(post, 1, "属实", HOST, clock.now_ms()))
    assert ended == ProposalEnded(post, ProposalState.DECLINED)
    (one,) = await listed(store, clock, room, "declined")
    assert (one["decided"]["by"]["name"], one["decided"]["note"]) == ("host", "属实")
    assert (await store.ledger(room))["two_person"] == {"confirmed": 0, "declined": 1}
    assert "属实" not in repr(await said(store, room, Lane.MOD))
    assert isinstance(await store.commit(Redact(post, "2", HOST, clock.now_ms())), Proposed)
    assert (await listed(store, clock, room, "declined"), len(await listed(store, clock, room))) == ([], 1)


async def test_what_has_run_out_or_was_corrected_is_ended_once_by_whichever_node(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room, late = await answered(store, clock, ids)
    question = (await published(store, room, clock, ids)).post
    second = await published(store, room, clock, ids, by=PRICE, kind=PostKind.REPLY, reply_to=question, body="二。")
    for post, lasts in ((late, 1_000), (second.post, 600_000)):
        await store.commit(Redact(post, "2", MODERATOR, clock.now_ms(), lasts_ms=lasts))
    assert await store.lapsed_proposals(clock.now_ms()) == []
    now = clock.now_ms()
    await other.commit(RevisePost(second.post, 1, "二点五。", PRICE, PostState.PUBLISHED, (), SALT, now))
    clock.advance(1_000)
    assert await listed(store, clock, room) == []
    assert sorted(await store.lapsed_proposals(clock.now_ms())) == sorted((late, second.post))
    await asyncio.gather(*(Lapsing(node, clock).once() for node in (store, other)))
    states = [one["state"] for one in await said(store, room, Lane.DESK)]
    assert sorted(states) == ["expired", "open", "open", "stale"]
    assert await store.lapsed_proposals(clock.now_ms()) == []
    await assert_sound(store)


async def test_the_switch_holds_for_the_very_next_redaction_at_the_other_node(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room, post = await answered(store, clock, ids, two_person=False)
    await store.commit(SetRoom(room, {"two_person": True}, None, HOST, clock.now_ms()))
    assert isinstance(await other.commit(Redact(post, "2", MODERATOR, clock.now_ms())), Proposed)
    found = await other.room(room)
    assert found is not None
    assert found.policy.two_person


async def test_pages_go_on_where_the_one_before_ended(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room, first = await answered(store, clock, ids)
    posts = [first]
    for _ in range(2):
        question = (await published(store, room, clock, ids)).post
        made = await published(store, room, clock, ids, by=PRICE, kind=PostKind.REPLY, reply_to=question)
        posts.append(made.post)
    for post in posts:
        await store.commit(Redact(post, "2", MODERATOR, clock.now_ms()))
    found: list[str] = []
    cursor: str | None = None
    while True:
        page, cursor = await store.proposals(room, ProposalState.OPEN, cursor, 2, clock.now_ms())
        found += [one["post"] for one in page]
        if cursor is None:
            break
    assert found == posts
    with pytest.raises(Refusal, match="bad_request"):
        await store.proposals(room, ProposalState.OPEN, "x", 2, clock.now_ms())


async def test_who_proposed_a_hiding_does_not_judge_it_after_another_proposal(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room, post = await answered(store, clock, ids)
    now = clock.now_ms()
    await store.commit(Redact(post, "2", MODERATOR, now))
    await store.commit(Redact(post, "2", MODERATOR_2, now))
    made = await store.commit(Appeal(ids(), post, None, room, PRICE, "事实如此", now))
    assert isinstance(made, AppealMade)
    await store.commit(Restore(post, "reviewed", HOST, now))
    await store.commit(Redact(post, "2", HOST, now))
    await store.commit(DeclineHiding(post, None, None, MODERATOR_2, now))

    for by in (MODERATOR, MODERATOR_2):
        with pytest.raises(Refusal, match="own_ruling"):
            await store.commit(DecideAppeal(made.appeal, post, None, room, AppealState.UPHELD, None, SALT, by, now))
    by_another = DecideAppeal(made.appeal, post, None, room, AppealState.UPHELD, None, SALT, HOST, now)
    assert await store.commit(by_another) == AppealMade(made.appeal, AppealState.UPHELD)
