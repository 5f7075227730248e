"""An assertion makes one session, by one of two doors, and only for whom and where it was made."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field, replace

import pytest

from accounts.assertions import Assertions
from accounts.handlers import Accounts
from accounts.vouched import Pseudonyms, VouchedTokens
from accounts.vouching import CODE_MS, Voucher, Vouching
from kernel.clock import FrozenClock
from kernel.ids import RoomId
from kernel.refusals import Refusal
from tests.accounts.conftest import HOUR, SECRET, AccountsInMemory
from tests.accounts.portal import SHARED, assertion

pytestmark = pytest.mark.anyio

STATE = "the-state-of-one-browser"
HERE, ELSEWHERE = RoomId("0" * 26), RoomId("1" * 26)


@dataclass
class VouchersInMemory:
    kept: dict[str, Voucher] = field(default_factory=dict)

    async def add_voucher(self, voucher: Voucher) -> None:
        if voucher.mark in self.kept:
            raise Refusal("assertion_used")
        self.kept[voucher.mark] = voucher

    async def take_voucher(self, code_hash: str, now: int) -> Voucher | None:
        found = next((one for one in self.kept.values() if one.code_hash == code_hash and one.code_until > now), None)
        if found is not None:
            self.kept[found.mark] = replace(found, code_hash=None)
        return found


@pytest.fixture
def vouchers() -> VouchersInMemory:
    return VouchersInMemory()


@pytest.fixture
def vouching(vouchers: VouchersInMemory, clock: FrozenClock) -> Vouching:
    tokens = VouchedTokens(SECRET, SHARED)
    return Vouching(vouchers, clock, Assertions(SHARED), Pseudonyms(SECRET), tokens, 12 * HOUR)


def said(clock: FrozenClock, sub: str = "p-1", **more: str) -> str:
    return assertion(sub, exp=clock.now_ms() // 1000 + 120, **more)


async def refused(awaited: Awaitable[object]) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaited
    return refusal.value.code.name


async def test_the_same_person_comes_back_as_the_same_and_nothing_names_them(
    vouching: Vouching, vouchers: VouchersInMemory, clock: FrozenClock
) -> None:
    _, first = await vouching.accept(said(clock, "110101199003071234", jti="1"))
    _, again = await vouching.accept(said(clock, "110101199003071234", jti="2"))
    _, other = await vouching.accept(said(clock, "110101199003071235"))
    assert first.actor == again.actor
    assert first.actor.name.startswith("网民")
    assert first.actor.id != other.actor.id
    assert "1990" not in repr(vouchers.kept)
    named = (await vouching.accept(said(clock, "p-2", name=" 王 先生 ")))[1]
    assert named.actor.name == "王 先生"


async def test_the_one_verifier_knows_the_token_where_the_city_vouches(
    vouching: Vouching, clock: FrozenClock, store: AccountsInMemory
) -> None:
    token, signed_in = await vouching.accept(said(clock))
    tokens = VouchedTokens(SECRET, SHARED)
    knowing, not_knowing = (
        Accounts(store, clock, SECRET, HOUR, HOUR, HOUR, vouched=vouched)  # type: ignore[arg-type]  # as in conftest
        for vouched in (tokens, None)
    )
    assert await knowing.verify(token) == signed_in
    assert store.reads == 0
    assert await refused(not_knowing.verify(token)) == "unauthenticated"
    clock.advance(12 * HOUR)
    assert await refused(knowing.verify(token)) == "expired"


async def test_it_counts_once_by_whichever_door(vouching: Vouching, clock: FrozenClock) -> None:
    direct, by_code = said(clock), said(clock, state=STATE)
    await vouching.accept(direct)
    assert await refused(vouching.accept(direct)) == "assertion_used"
    await vouching.deposit(by_code)
    assert await refused(vouching.deposit(by_code)) == "assertion_used"
    # Each door takes its own kind: what a browser is to bring by code is of no use to who saw it.
    assert await refused(vouching.accept(said(clock, "p-3", state=STATE))) == "bad_assertion"
    assert await refused(vouching.deposit(said(clock, "p-3"))) == "bad_assertion"


async def test_a_store_that_forgets_would_let_it_count_twice(
    vouching: Vouching, vouchers: VouchersInMemory, clock: FrozenClock
) -> None:
    """The negative control: it is the mark that makes an assertion count once, nothing in the assertion itself."""
    token = said(clock)
    await vouching.accept(token)
    vouchers.kept.clear()
    await vouching.accept(token)


async def test_a_code_is_for_one_use_one_browser_and_one_minute(vouching: Vouching, clock: FrozenClock) -> None:
    code, until = await vouching.deposit(said(clock, state=STATE))
    assert until == clock.now_ms() + CODE_MS
    _, signed_in = await vouching.redeem(code, STATE, None)
    assert signed_in.actor.verified
    assert await refused(vouching.redeem(code, STATE, None)) == "no_voucher"

    stolen, _ = await vouching.deposit(said(clock, "p-2", state=STATE))
    assert await refused(vouching.redeem(stolen, "the-state-of-another", None)) == "no_voucher"
    assert await refused(vouching.redeem(stolen, STATE, None)) == "no_voucher", "who tried it spoiled it"

    late, until = await vouching.deposit(said(clock, "p-3", state=STATE))
    clock.advance(until - clock.now_ms())
    assert await refused(vouching.redeem(late, STATE, None)) == "no_voucher"
    for unknown in ("", "x", "x" * 5_000, "\ud800"):
        assert await refused(vouching.redeem(unknown, STATE, None)) == "no_voucher"


async def test_what_was_said_for_one_room_opens_no_other(vouching: Vouching, clock: FrozenClock) -> None:
    for_here = said(clock, room=HERE)
    assert await refused(vouching.accept(for_here, ELSEWHERE)) == "wrong_room"
    # Nothing was used up by asking at the wrong place.
    _, signed_in = await vouching.accept(for_here, HERE)
    assert signed_in.actor.verified_in == HERE
    code, _ = await vouching.deposit(said(clock, room=HERE, state=STATE))
    assert await refused(vouching.redeem(code, STATE, ELSEWHERE)) == "wrong_room"
