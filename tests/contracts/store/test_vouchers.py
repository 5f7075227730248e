"""Assertions of the city's portal on both databases: each counts once, and so does each code."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from accounts.vouching import Voucher
from kernel.ids import RoomId, UserId
from kernel.refusals import Refusal
from persistence.store import Store
from persistence.voucher_rows import KEPT_MS

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000_000
ONE = Voucher("a" * 64, UserId("v:" + "9" * 26), "王先生", RoomId("0" * 26), NOW + 60_000, "c" * 64, "5" * 64, NOW + 10)


async def test_of_many_who_bring_one_assertion_one_is_taken(store: Store) -> None:
    tried = await asyncio.gather(*(store.add_voucher(ONE) for _ in range(6)), return_exceptions=True)
    assert sorted(map(str, filter(None, tried))) == ["assertion_used"] * 5
    with pytest.raises(Refusal, match="assertion_used"):
        await store.add_voucher(replace(ONE, code_hash=None))


async def test_of_many_who_bring_one_code_one_gets_in(store: Store) -> None:
    await store.add_voucher(ONE)
    assert await store.take_voucher("d" * 64, NOW) is None
    taken = await asyncio.gather(*(store.take_voucher("c" * 64, NOW) for _ in range(6)))
    assert [one for one in taken if one is not None] == [replace(ONE, code_hash=None)]
    with pytest.raises(Refusal, match="assertion_used"):
        await store.add_voucher(ONE)


async def test_a_code_ends_to_the_millisecond_and_old_marks_are_swept(store: Store) -> None:
    await store.add_voucher(ONE)
    assert await store.take_voucher("c" * 64, NOW + 10) is None
    later = replace(ONE, mark="b" * 64, code_hash=None, expires_at=ONE.expires_at + KEPT_MS)
    await store.add_voucher(later)
    with pytest.raises(Refusal, match="assertion_used"):
        await store.add_voucher(ONE)
    await store.add_voucher(replace(later, mark="e" * 64, expires_at=later.expires_at + 1))
    # Long run out: no door would read it any more.
    await store.add_voucher(ONE)
