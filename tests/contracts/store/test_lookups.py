"""Codes of own posts on both databases: one each, the newest, and none for ever."""

from __future__ import annotations

import asyncio

import pytest

from kernel.ids import UserId
from persistence.store import Store

pytestmark = pytest.mark.anyio

ONE, OTHER = UserId("g:" + "1" * 26), UserId("g:" + "2" * 26)


async def test_each_has_one_code_and_it_is_the_newest(store: Store) -> None:
    await store.put_lookup(ONE, "a" * 64, 1_000, 0)
    await store.put_lookup(OTHER, "b" * 64, 1_000, 0)
    await store.put_lookup(ONE, "c" * 64, 2_000, 0)
    assert [await store.lookup(letter * 64, 0) for letter in "abcd"] == [None, OTHER, ONE, None]


async def test_what_is_older_than_asked_for_is_not_found_and_goes(store: Store) -> None:
    await store.put_lookup(ONE, "a" * 64, 1_000, 0)
    assert [await store.lookup("a" * 64, since) for since in (1_000, 1_001)] == [ONE, None]
    await store.put_lookup(OTHER, "b" * 64, 5_000, 1_001)
    assert await store.lookup("a" * 64, 0) is None


async def test_of_two_taken_at_once_one_stands(store: Store) -> None:
    hashes = [letter * 64 for letter in "abcdef"]
    await asyncio.gather(*(store.put_lookup(ONE, code, 1_000, 0) for code in hashes))
    assert [await store.lookup(code, 0) for code in hashes].count(ONE) == 1
