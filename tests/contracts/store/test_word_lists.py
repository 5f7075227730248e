"""Word lists in both stores: numbered versions that never change, one after the other, each in the audit."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, UserId
from kernel.permissions import Role
from kernel.refusals import Refusal
from moderation.lists.model import CITY, ListVersion
from persistence.schema import audit
from persistence.store import Store
from rooms.commands import PostReceipt, Redact, WithdrawPost
from tests.factories import guest, live_room, post_command, published, staff

pytestmark = pytest.mark.anyio
MODERATOR = staff("mod1", Role.MODERATOR)


def a_version(number: int = 1, scope: str = CITY, terms: str = "term\n黑车\n") -> ListVersion:
    return ListVersion(
        scope, number, UserId("mod1"), "沈括言", 7, "有人绕过", 1, 0, "d" * 63 + str(number), terms, "黑车间"
    )


async def test_nothing_is_there_at_first(store: Store) -> None:
    assert await store.word_list_changes() == 0
    assert await store.word_list_heads() == (0, {})
    assert await store.word_list(CITY) is None
    assert await store.word_list_versions(CITY, None, 10) == ([], None)


async def test_a_version_comes_back_as_it_was_and_another_node_sees_that_something_changed(
    store: Store, other: Store
) -> None:
    await store.add_word_list(a_version(), MODERATOR)

    assert await other.word_list_changes() == 1
    changes, heads = await other.word_list_heads()
    assert (changes, heads[CITY].number, heads[CITY].digest) == (1, 1, "d" * 63 + "1")
    assert await other.word_list(CITY) == a_version()


async def test_versions_stay_and_come_newest_first_without_their_terms(store: Store) -> None:
    for number in (1, 2, 3):
        await store.add_word_list(a_version(number, terms=f"第{number}版\n"), MODERATOR)

    told, after = await store.word_list_versions(CITY, None, 2)
    assert [(one.number, one.terms, one.exceptions) for one in told] == [(3, "", ""), (2, "", "")]
    assert after == 2
    assert [one.number for one in (await store.word_list_versions(CITY, after, 2))[0]] == [1]
    first = await store.word_list(CITY, 1)
    assert first is not None
    assert first.terms == "第1版\n"


async def test_of_two_who_change_the_same_version_one_is_refused(store: Store, other: Store) -> None:
    await store.add_word_list(a_version(), MODERATOR)

    both = await asyncio.gather(
        store.add_word_list(a_version(2, terms="甲\n"), MODERATOR),
        other.add_word_list(a_version(2, terms="乙\n"), MODERATOR),
        return_exceptions=True,
    )

    assert sorted(map(str, both)) == ["None", "stale_version"]
    assert (await store.word_list_heads())[0] == 2


async def test_a_number_left_out_is_refused_and_leaves_no_trace(store: Store) -> None:
    with pytest.raises(Refusal, match="stale_version"):
        await store.add_word_list(a_version(2), MODERATOR)

    assert await store.word_list_heads() == (0, {})


async def test_a_room_has_a_list_of_its_own_and_what_is_no_room_has_none(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    await store.add_word_list(a_version(), MODERATOR)
    await store.add_word_list(a_version(scope=room.id), MODERATOR)

    changes, heads = await store.word_list_heads()
    assert changes == 2
    assert set(heads) == {CITY, room.id}
    with pytest.raises(Refusal, match="no_room"):
        await store.add_word_list(a_version(scope="0" * 26), MODERATOR)


async def test_each_change_is_in_the_audit_without_a_term(store: Store) -> None:
    await store.add_word_list(a_version(), MODERATOR)
    await store.add_word_list(replace(a_version(2), by=UserId("")), None)

    rows = await store.database.read(lambda connection: connection.execute(select(audit).order_by(audit.c.id)).all())
    assert [(row.action, row.actor_id, row.subject) for row in rows] == [
        ("moderation:wordlist:publish", MODERATOR.id, CITY),
        ("moderation:wordlist:publish", "", CITY),
    ]
    assert "黑车" not in str(rows[0].detail)


async def test_recent_texts_are_those_of_netizens_that_are_neither_hidden_nor_taken_back(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room, elsewhere = await live_room(store, clock, ids), await live_room(store, clock, ids)
    kept = await published(store, room.id, clock, ids, body="留着")
    hidden = await published(store, room.id, clock, ids, body="隐去")
    taken_back = await store.commit(post_command(room.id, clock, ids, body="撤回"))
    assert isinstance(taken_back, PostReceipt)
    there = await published(store, elsewhere.id, clock, ids, body="别处")
    await store.commit(Redact(hidden.post, "abuse", MODERATOR, clock.now_ms()))
    await store.commit(WithdrawPost(taken_back.post, guest(), clock.now_ms()))

    assert [one.post for one in await store.recent_texts(room.id, 10)] == [kept.post]
    assert [one.body for one in await store.recent_texts(None, 10)] == ["别处", "留着"]
    assert [one.post for one in await store.recent_texts(None, 1)] == [there.post]
