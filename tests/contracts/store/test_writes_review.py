"""Leases and rulings on both stores, with moderators who race each other on two nodes."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from moderation.commands import Acknowledge, Extend, LiftSanction, Pull, Pulled, Release, Reopen, Ruling, Sanction
from moderation.report_commands import Report
from persistence import flush, transaction
from persistence.database_postgres import driver_url
from persistence.flush import LostRace
from persistence.known_heads import KnownHeads
from persistence.loading import load
from persistence.schema import post as posts
from persistence.store import Store, open_store
from rooms.commands import PostReceipt, Vote, WithdrawPost
from rooms.model import Lane, PostState
from rooms.ports import Hint
from rooms.sanctions import SanctionKind
from tests.contracts.store.invariants import assert_sound, violations
from tests.factories import LEASE_MS, MODERATOR, MODERATOR_2, decided, guest, live_room, posted, pulled, staff

pytestmark = pytest.mark.anyio


async def test_moderators_who_pull_at_once_never_meet(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    for n in range(30):
        await posted(store, room.id, clock, ids, by=guest(str(n)))
    pulls = [
        (store if n % 2 else other).commit(Pull(None, 4, _moderator(n), LEASE_MS, clock.now_ms())) for n in range(8)
    ]
    taken = [one.post for got in await asyncio.gather(*pulls) if isinstance(got, Pulled) for one in got.posts]
    assert len(taken) == len(set(taken))
    rest = await pulled(store, clock, n=100)
    assert len(set(taken)) + len(rest.posts) == 30


async def test_a_pull_is_oldest_first_with_body_and_author(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    sent = []
    for n in range(3):
        clock.advance(10)
        sent.append(await posted(store, room.id, clock, ids, body=f"问题{n}"))
    got = await pulled(store, clock, n=2, room=room.id)
    assert [one.post for one in got.posts] == [one.post for one in sent[:2]]
    assert [(one.body, one.author.id, one.lease_until) for one in got.posts] == [
        (f"问题{n}", guest().id, clock.now_ms() + LEASE_MS) for n in range(2)
    ]


async def test_two_moderators_one_verdict(store: Store, other: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    for n in range(10):
        post = (await posted(store, room.id, clock, ids, by=guest(str(n)))).post
        await pulled(store, clock, by=MODERATOR)
        clock.advance(LEASE_MS)
        await pulled(other, clock, by=MODERATOR_2)
        found = await asyncio.gather(
            decided(store, clock, post, by=MODERATOR, ruling=Ruling.REJECT),
            decided(other, clock, post, by=MODERATOR_2),
            return_exceptions=True,
        )
        assert isinstance(found[0], Refusal)
        assert found[0].code.name == "lease_lost"
        assert isinstance(found[1], PostReceipt)
        assert found[1].state is PostState.PUBLISHED
    await assert_sound(store)


async def test_one_post_alone_goes_to_one_of_two(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    first = (await posted(store, room.id, clock, ids, by=guest("1"))).post
    chosen = (await posted(store, room.id, clock, ids, by=guest("2"))).post
    pulls = [
        node.commit(Pull(None, 5, by, LEASE_MS, clock.now_ms(), post=chosen))
        for node, by in ((store, MODERATOR), (other, MODERATOR_2))
    ]
    taken = [one.post for got in await asyncio.gather(*pulls) if isinstance(got, Pulled) for one in got.posts]
    assert taken == [chosen]
    assert [one.post for one in (await pulled(store, clock)).posts] == [first]


async def test_of_two_who_take_over_at_once_the_last_has_it(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = (await posted(store, room.id, clock, ids)).post
    team = [staff(f"m{n}", Role.MODERATOR) for n in range(3)]
    await pulled(store, clock, by=team[0])
    takes = [
        node.commit(Pull(None, 1, by, LEASE_MS, clock.now_ms(), post=post, take_over=True))
        for by, node in ((team[1], store), (team[2], other))
    ]
    assert [len(got.posts) for got in await asyncio.gather(*takes) if isinstance(got, Pulled)] == [1, 1]
    found = await asyncio.gather(*(decided(store, clock, post, by=by) for by in team), return_exceptions=True)
    assert sum(isinstance(one, PostReceipt) for one in found) == 1
    assert isinstance(found[0], Refusal)
    await assert_sound(store)


async def test_a_rejection_taken_back_twice_at_once_is_one_new_version(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = (await posted(store, room.id, clock, ids, body="没写完")).post
    await pulled(store, clock)
    await decided(store, clock, post, ruling=Ruling.REJECT)
    again = Reopen(post, 1, MODERATOR, LEASE_MS, 86_400_000, b"0123456789abcdef", clock.now_ms())
    found = await asyncio.gather(store.commit(again), other.commit(again))
    assert [(one.ver, one.body) for got in found if isinstance(got, Pulled) for one in got.posts] == [(2, "没写完")] * 2
    assert (await pulled(other, clock, by=MODERATOR_2)).posts == ()
    receipt = await decided(other, clock, post, ver=2)
    assert receipt.state is PostState.PUBLISHED
    await assert_sound(store)


async def test_one_moderator_in_two_windows_one_verdict(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    for n in range(15):
        post = (await posted(store, room.id, clock, ids, by=guest(str(n)))).post
        await pulled(store, clock)
        found = await asyncio.gather(
            decided(store, clock, post, ruling=Ruling.REJECT), decided(other, clock, post), return_exceptions=True
        )
        refused = [one for one in found if isinstance(one, Refusal)]
        assert [one.code.name for one in refused] == ["lease_lost"]
    await assert_sound(store)


async def test_the_same_ruling_again_gets_the_recorded_answer_on_any_node(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = (await posted(store, room.id, clock, ids)).post
    await pulled(store, clock)
    first = await decided(store, clock, post)
    clock.advance(LEASE_MS * 2)
    again = await decided(other, clock, post)
    assert (again.seq, again.state, again.repeated) == (first.seq, PostState.PUBLISHED, True)
    with pytest.raises(Refusal, match="lease_lost"):
        await decided(other, clock, post, ruling=Ruling.REJECT)
    with pytest.raises(Refusal, match="stale_version"):
        await decided(other, clock, post, ver=2)
    await assert_sound(store)


async def test_a_lease_is_extended_given_back_and_lost(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    post = (await posted(store, room.id, clock, ids)).post
    await pulled(store, clock)
    clock.advance(LEASE_MS - 1)
    await store.commit(Extend(post, 1, MODERATOR, LEASE_MS, clock.now_ms()))
    clock.advance(LEASE_MS - 1)
    await store.commit(Release(post, 1, MODERATOR, clock.now_ms()))
    with pytest.raises(Refusal, match="lease_lost"):
        await store.commit(Extend(post, 1, MODERATOR, LEASE_MS, clock.now_ms()))
    assert [one.post for one in (await pulled(store, clock, by=MODERATOR_2)).posts] == [post]


async def test_a_rejected_text_is_told_to_moderators_only(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    post = (await posted(store, room.id, clock, ids, body="不宜公开的话")).post
    heard: list[Hint] = []
    store.on_commit(heard.extend)
    await pulled(store, clock)
    await decided(store, clock, post, ruling=Ruling.REJECT, reason="privacy")
    assert [hint.lane for hint in heard] == [Lane.MOD]
    assert "不宜公开的话" not in str(heard)
    await assert_sound(store)


async def test_a_failure_after_numbering_gives_the_numbers_back(
    store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await live_room(store, clock, ids)
    post = (await posted(store, room.id, clock, ids)).post
    await pulled(store, clock)
    before = await store.heads([room.id])

    def fail(*_: object) -> None:
        raise RuntimeError("the last statement of the batch")

    with monkeypatch.context() as broken:
        broken.setattr(flush, "_write_rulings", fail)
        with pytest.raises(Refusal, match="internal"):
            await decided(store, clock, post)
    assert await store.heads([room.id]) == before
    assert (await decided(store, clock, post)).seq == before[room.id, Lane.PUB].seq + 1
    await assert_sound(store)


async def test_a_muted_user_posts_nothing_on_any_node_until_it_ends(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    until = clock.now_ms() + 60_000
    await store.commit(Sanction(ids(), _id(guest()), room.id, until, "spam", 3, MODERATOR, clock.now_ms()))
    with pytest.raises(Refusal, match="muted"):
        await posted(other, room.id, clock, ids)
    await posted(other, room.id, clock, ids, by=guest("2"))
    await store.commit(LiftSanction(_id(guest()), room.id, MODERATOR, clock.now_ms()))
    await posted(other, room.id, clock, ids)
    await store.commit(Sanction(ids(), _id(guest()), None, until, "spam", 3, MODERATOR, clock.now_ms()))
    with pytest.raises(Refusal, match="muted"):
        await posted(other, room.id, clock, ids)
    clock.advance(60_000)
    await posted(other, room.id, clock, ids)


async def test_a_suspended_or_banned_user_does_nothing_from_the_very_next_deed_at_another_node(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    shown = (await posted(other, room.id, clock, ids, by=guest("2"))).post
    user = _id(guest())
    for kind, code in (SanctionKind.SUSPEND, "suspended"), (SanctionKind.BAN, "banned"):
        until = clock.now_ms() + 60_000
        await store.commit(Sanction(ids(), user, None, until, "请看规则", 5, MODERATOR, clock.now_ms(), kind))
        for deed in (
            posted(other, room.id, clock, ids),
            other.commit(Vote(shown, user, 1, clock.now_ms())),
            other.commit(Report(shown, "1", None, guest(), clock.now_ms())),
        ):
            with pytest.raises(Refusal, match=code):
                await deed
        assert (await other.my(room.id, user, 10))["mute"]["kind"] == kind.value
    await store.commit(LiftSanction(user, None, MODERATOR, clock.now_ms()))
    await other.commit(Vote(shown, user, 1, clock.now_ms()))


async def test_a_warning_is_told_until_it_is_acknowledged(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    user, warned = _id(guest()), ids()
    until = clock.now_ms() + 60_000
    warn = Sanction(warned, user, room.id, until, "请慢一点", 5, MODERATOR, clock.now_ms(), SanctionKind.WARN)
    await store.commit(warn)
    told = await store.my(room.id, user, 10)
    assert ([one["sanction"] for one in told["warnings"]], told["mute"]) == ([warned], None)
    await store.commit(Acknowledge(warned, room.id, guest(), clock.now_ms()))
    assert (await store.my(room.id, user, 10))["warnings"] == []
    assert (await store.all_mine(user, 10))["sanctions"][0]["acknowledged_at"] == clock.now_ms()


async def test_control_without_the_lease_check_a_second_verdict_is_noticed(
    store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await live_room(store, clock, ids)
    post = (await posted(store, room.id, clock, ids)).post
    await pulled(store, clock)
    await decided(store, clock, post)
    await assert_sound(store)
    monkeypatch.setattr("moderation.decide_leases.holds", lambda post, moderator, now: True)
    await decided(store, clock, post, by=MODERATOR_2)
    assert any("published 2 times" in problem for problem in await violations(store))
    assert any("verdicts told" in problem for problem in await violations(store))


async def test_a_decision_on_what_is_no_longer_so_is_not_written(
    store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _withdraw_on_an_old_view(store, clock, ids, monkeypatch, raises=True)
    await assert_sound(store)


async def test_control_without_the_compare_the_old_view_wins_and_is_noticed(
    store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flush, "compare_and_set", lambda changed: None)
    await _withdraw_on_an_old_view(store, clock, ids, monkeypatch, raises=False)
    assert any("is withdrawn" in problem for problem in await violations(store))


async def _withdraw_on_an_old_view(
    store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch, *, raises: bool
) -> None:
    """The author takes a pending post back, decided on what was read before a moderator published it."""
    room = await live_room(store, clock, ids)
    post = (await posted(store, room.id, clock, ids)).post
    await pulled(store, clock)
    withdraw = WithdrawPost(post, guest(), clock.now_ms())
    old = await store.database.write(partial(load, batch=[withdraw], now=clock.now_ms()))
    await decided(store, clock, post)
    monkeypatch.setattr(transaction, "load", lambda connection, batch, now: old)
    work = partial(transaction.execute, batch=[withdraw], now=clock.now_ms(), ids=ids, known=KnownHeads())
    if raises:
        with pytest.raises(LostRace):
            await store.database.write(work)
    else:
        await store.database.write(work)


def _moderator(n: int) -> Actor:
    return (MODERATOR, MODERATOR_2)[n % 2]


def _id(actor: Actor) -> UserId:
    assert actor.id is not None
    return actor.id


async def test_what_waits_is_found_though_another_node_holds_all_of_the_neediest_room(
    postgres_url: str, clock: FrozenClock, ids: CountingIds
) -> None:
    store = await open_store(postgres_url, clock=clock)
    engine = create_async_engine(driver_url(postgres_url))
    try:
        first, second = [(await live_room(store, clock, ids)).id for _ in range(2)]
        held = (await posted(store, first, clock, ids)).post
        clock.advance(1_000)
        free = (await posted(store, second, clock, ids)).post
        async with engine.begin() as elsewhere:
            await elsewhere.execute(select(posts.c.id).where(posts.c.id == held).with_for_update(key_share=True))
            assert [one.post for one in (await pulled(store, clock)).posts] == [free]
    finally:
        await engine.dispose()
        await store.close()
