"""Appeals on both stores: made once and decided once whichever node is asked, listed, and told to their author."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.appeal_commands import Appeal, AppealMade, DecideAppeal, Reinstate
from moderation.appeals import AppealPlace
from moderation.commands import Outcome, Reopen, Ruling, Sanction
from persistence.bulk import update_rows
from persistence.schema_redress import appeal
from persistence.store import Store
from rooms.appeals import AppealState
from rooms.commands import PostReceipt, Redact, RevisePost, WithdrawPost
from rooms.model import Lane, PostState
from tests.contracts.store.invariants import assert_sound
from tests.factories import LEASE_MS, MODERATOR, MODERATOR_2, decided, guest, live_room, posted, pulled

pytestmark = pytest.mark.anyio

SALT = b"fedcba9876543210"
DAY_MS = 86_400_000


async def refused(store: Store, clock: FrozenClock, ids: CountingIds, room: RoomId) -> PostId:
    post = (await posted(store, room, clock, ids)).post
    await pulled(store, clock, room=room)
    await decided(store, clock, post, ruling=Ruling.REJECT)
    return post


def asking(ids: CountingIds, clock: FrozenClock, room: RoomId, post: PostId, text: str = "请再看一眼") -> Appeal:
    return Appeal(ids(), post, None, room, guest(), text, clock.now_ms())


def answering(
    appeal: str, post: PostId, room: RoomId, clock: FrozenClock, outcome: AppealState, by: Actor = MODERATOR_2
) -> DecideAppeal:
    return DecideAppeal(appeal, post, None, room, outcome, None, SALT, by, clock.now_ms())


def made(outcome: Outcome) -> AppealMade:
    assert isinstance(outcome, AppealMade)
    return outcome


async def test_an_appeal_is_listed_for_those_who_decide_and_told_to_its_author(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id)
    asked = made(await store.commit(asking(ids, clock, room.id, post))).appeal

    listed, _ = await store.appeals(room.id, "open", None, 10)
    own = (await store.my(room.id, UserId(str(guest().id)), 10))["posts"][0]

    assert [(one["appeal"], one["post"], one["ver"], one["text"]) for one in listed] == [(asked, post, 1, "请再看一眼")]
    assert listed[0]["body"]
    assert (listed[0]["against"]["id"], listed[0]["against"]["name"]) == (MODERATOR.id, MODERATOR.name)
    assert own["appeal"] == {"appeal": asked, "of": "refusal", "state": "open", "at": clock.now_ms()}
    assert await store.appeal_place(asked) == AppealPlace(post, None, room.id)


async def test_reversed_it_is_public_and_its_author_is_told_of_both_decisions(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id)
    refused_at = clock.now_ms()
    asked = made(await store.commit(asking(ids, clock, room.id, post))).appeal
    clock.advance(360_000)
    await other.commit(answering(asked, post, room.id, clock, AppealState.REVERSED))

    own = (await store.my(room.id, UserId(str(guest().id)), 10))["posts"][0]
    public = (await store.events(room.id, Lane.PUB, 0, 100)).items

    assert own["reinstated"] == {"at": clock.now_ms(), "refused_at": refused_at, "reason": None, "colleague": True}
    assert (own["state"], own["appeal"]["state"], own["number"]) == ("published", "reversed", 1)
    assert [item["k"] for item in public if item["id"] == post] == ["msg"]
    assert (await store.appeals(None, "reversed", None, 10))[0][0]["decided"]["by"]["id"] == MODERATOR_2.id
    assert (await store.appeals(None, "open", None, 10))[0] == []
    await assert_sound(store)


async def test_two_who_ask_at_two_nodes_make_one_appeal(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    for _ in range(5):
        post = await refused(store, clock, ids, room.id)
        first, second = asking(ids, clock, room.id, post), asking(ids, clock, room.id, post)
        answers = await asyncio.gather(store.commit(first), other.commit(second))
        assert len({made(answer).appeal for answer in answers}) == 1


async def test_two_who_decide_at_two_nodes_decide_once(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    third = replace(MODERATOR_2, id=UserId("third"), name="third")
    for _ in range(5):
        post = await refused(store, clock, ids, room.id)
        asked = made(await store.commit(asking(ids, clock, room.id, post))).appeal
        found = await asyncio.gather(
            store.commit(answering(asked, post, room.id, clock, AppealState.UPHELD)),
            other.commit(answering(asked, post, room.id, clock, AppealState.REVERSED, by=third)),
            return_exceptions=True,
        )
        refusals = [one for one in found if isinstance(one, Refusal)]
        assert [one.code.name for one in refusals] == ["decided"]
    await assert_sound(store)


async def test_a_sanction_everywhere_is_decided_once_too_and_lifted(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    user = UserId(str(guest().id))
    sanction = ids()
    await store.commit(Sanction(sanction, user, None, clock.now_ms() + DAY_MS, "刷屏", 5, MODERATOR, clock.now_ms()))
    assert await store.sanction_place(sanction) == AppealPlace(None, sanction, None)
    asked = made(await store.commit(Appeal(ids(), None, sanction, None, guest(), "", clock.now_ms()))).appeal
    told = (await store.my(room.id, user, 10))["mute"]
    assert (told["sanction"], told["appeal"]["state"]) == (sanction, "open")
    reverse = DecideAppeal(asked, None, sanction, None, AppealState.REVERSED, None, SALT, MODERATOR_2, clock.now_ms())
    uphold = replace(reverse, outcome=AppealState.UPHELD, by=replace(MODERATOR_2, id=UserId("third")))
    found = await asyncio.gather(store.commit(reverse), other.commit(uphold), return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["AppealMade", "Refusal"]
    lifted = isinstance(found[0], AppealMade)
    assert ((await store.my(room.id, user, 10))["mute"] is None) is lifted
    assert {item["k"] for item in (await store.events(room.id, Lane.MOD, 0, 100)).items} >= {"sanction", "appeal"}


async def test_a_hidden_post_is_appealed_against_who_hid_it(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    post = (await posted(store, room.id, clock, ids, body="独一无二的话")).post
    await store.commit(Redact(post, "3", MODERATOR, clock.now_ms()))
    asked = made(await store.commit(asking(ids, clock, room.id, post))).appeal
    listed = (await store.appeals(room.id, None, None, 10))[0]
    assert "独一无二的话" not in repr(listed)
    with pytest.raises(Refusal, match="own_ruling"):
        await store.commit(answering(asked, post, room.id, clock, AppealState.REVERSED, by=MODERATOR))
    await store.commit(answering(asked, post, room.id, clock, AppealState.REVERSED))
    own = (await store.my(room.id, UserId(str(guest().id)), 10))["posts"][0]
    assert (own["body"], own["appeal"]["state"], own.get("hidden")) == ("独一无二的话", "reversed", None)


async def test_what_its_author_took_back_is_no_text_of_an_appeal_any_more(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id)
    await store.commit(asking(ids, clock, room.id, post))
    now = clock.now_ms()
    await store.commit(RevisePost(post, 1, "改过的一稿", guest(), PostState.PENDING, (), SALT, now))
    await store.commit(WithdrawPost(post, guest(), now))

    listed, _ = await store.appeals(room.id, "open", None, 10)

    assert [(one["post"], one["body"]) for one in listed] == [(post, "")]
    assert "reasons" not in listed[0]


async def test_an_open_appeal_keeps_who_refused_from_taking_it_back(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id)
    await store.commit(asking(ids, clock, room.id, post))
    with pytest.raises(Refusal, match="own_ruling"):
        await store.commit(Reopen(post, 1, MODERATOR, LEASE_MS, DAY_MS, SALT, clock.now_ms()))


async def test_pages_of_the_list_follow_each_other(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    posts = [await refused(store, clock, ids, room.id) for _ in range(3)]
    for post in posts:
        await store.commit(asking(ids, clock, room.id, post))
    first, cursor = await store.appeals(room.id, "open", None, 2)
    second, end = await store.appeals(room.id, "open", cursor, 2)
    assert ([one["post"] for one in [*first, *second]], end) == (posts, None)
    with pytest.raises(Refusal, match="bad_request"):
        await store.appeals(room.id, "elsewhere", None, 2)


async def test_mended_unasked(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id)
    receipt = await store.commit(Reinstate(post, 1, None, SALT, MODERATOR, clock.now_ms()))
    assert isinstance(receipt, PostReceipt)
    own = (await store.my(room.id, UserId(str(guest().id)), 10))["posts"][0]
    assert own["reinstated"]["colleague"] is False
    await assert_sound(store)


@pytest.mark.parametrize("fenced", [True, False])
async def test_a_colleague_between_the_reading_and_the_writing_is_noticed(
    store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch, fenced: bool
) -> None:
    """Without the fence, the control, the second decision overwrites the first."""
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id)
    made_by_author = made(await store.commit(asking(ids, clock, room.id, post))).appeal
    colleague = update(appeal).values(state="upheld", decided_by="third", decided_at=clock.now_ms())
    writes: list[int] = []

    def late(connection: Any, table: Any, rows: Any, fence: Any) -> int:
        if not writes:
            connection.execute(colleague)
        writes.append(len(rows))
        return update_rows(connection, table, rows, fence if fenced else None)

    monkeypatch.setattr("persistence.flush_appeals.update_rows", late)
    reverse = answering(made_by_author, post, room.id, clock, AppealState.REVERSED)
    if fenced:
        # The colleague's word went with the transaction that lost; decided afresh, ours stands.
        assert made(await store.commit(reverse)).state is AppealState.REVERSED
        assert writes == [1, 1]
    else:
        await store.commit(reverse)
        assert writes == [1]
