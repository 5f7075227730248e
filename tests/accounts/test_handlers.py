"""Signing in and out, tickets, and the one verifier."""

from __future__ import annotations

from collections.abc import Awaitable

import anyio
import pytest

from accounts.handlers import Accounts
from kernel.clock import FrozenClock
from kernel.permissions import Role
from kernel.refusals import Refusal
from tests.accounts.conftest import HOUR, PASSWORD, AccountsInMemory

pytestmark = pytest.mark.anyio


async def refused(awaited: Awaitable[object]) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaited
    return refusal.value.code.name


async def test_a_member_of_staff_signs_in_and_is_recognised(accounts: Accounts, store: AccountsInMemory) -> None:
    token, signed_in = await accounts.sign_in("price1", PASSWORD)

    assert await accounts.verify(token) == signed_in
    assert signed_in.actor.name == "陈立言"
    assert signed_in.actor.role is Role.RESPONDENT
    # Only a hash is stored: whoever reads the table cannot sign in with it.
    assert token not in repr(store.sessions)
    assert await refused(accounts.verify(next(iter(store.sessions)))) == "unauthenticated"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("price1", "wrong"),
        ("price1", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("PRICE1", PASSWORD),
        ("price1' OR 1=1 --", PASSWORD),
        ("x" * 10_000, PASSWORD),
        ("price1", "x" * 10_000),
        ("price1\x00", PASSWORD),
    ],
)
async def test_every_wrong_sign_in_looks_alike(accounts: Accounts, username: str, password: str) -> None:
    assert await refused(accounts.sign_in(username, password)) == "bad_credentials"


async def test_a_disabled_account_neither_signs_in_nor_stays_in(accounts: Accounts, store: AccountsInMemory) -> None:
    token, _ = await accounts.sign_in("price1", PASSWORD)
    store.disable("price1")

    assert await refused(accounts.sign_in("price1", PASSWORD)) == "bad_credentials"
    assert await refused(accounts.verify(token)) == "unauthenticated"


async def test_a_session_runs_out_and_says_so(accounts: Accounts, clock: FrozenClock) -> None:
    token, signed_in = await accounts.sign_in("price1", PASSWORD)
    clock.advance(signed_in.expires_at - clock.now_ms() - 1)
    await accounts.verify(token)
    clock.advance(1)

    assert await refused(accounts.verify(token)) == "expired"


async def test_a_stated_end_put_off_by_hand_is_a_forgery(accounts: Accounts, clock: FrozenClock) -> None:
    token, _ = await accounts.sign_in("price1", PASSWORD)
    prefix, end, chance = token.split(".")
    clock.advance(13 * HOUR)

    assert await refused(accounts.verify(f"{prefix}.{int(end, 16) + 10 * HOUR:x}.{chance}")) == "unauthenticated"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "s1",
        "s1.",
        "s1..",
        "s1.fffffffffff.",
        "s1.zz.abc",
        "s1.-1.abc",
        "s2.fffffffffff.abc",
        "t1.abc",
        "s1.f.é",
    ],
)
async def test_what_was_never_issued_is_refused(accounts: Accounts, token: str) -> None:
    assert await refused(accounts.verify(token)) in {"unauthenticated", "expired"}


async def test_signing_out_ends_the_session_everywhere(accounts: Accounts) -> None:
    token, _ = await accounts.sign_in("price1", PASSWORD)
    other, _ = await accounts.sign_in("price1", PASSWORD)

    await accounts.sign_out(token)

    assert await refused(accounts.verify(token)) == "unauthenticated"
    await accounts.verify(other)


async def test_a_guest_is_recognised_without_asking_the_store(accounts: Accounts, store: AccountsInMemory) -> None:
    token, created = accounts.create_guest("林小满")

    assert await accounts.verify(token) == created
    assert created.actor.id is not None
    assert created.actor.id.startswith("g:")
    assert len(created.actor.id) == 28
    assert created.session_hash is None
    assert store.reads == 0


async def test_a_guests_token_runs_out(accounts: Accounts, clock: FrozenClock) -> None:
    token, _ = accounts.create_guest(None)
    clock.advance(30 * 24 * HOUR)

    assert await refused(accounts.verify(token)) == "expired"


async def test_a_ticket_lets_in_once(accounts: Accounts) -> None:
    token, signed_in = await accounts.sign_in("price1", PASSWORD)
    ticket, _ = await accounts.issue_ticket(token)

    assert await accounts.redeem(ticket) == signed_in
    assert await refused(accounts.redeem(ticket)) == "unauthenticated"


async def test_of_many_who_show_one_ticket_one_gets_in(accounts: Accounts) -> None:
    token, _ = await accounts.sign_in("price1", PASSWORD)
    ticket, _ = await accounts.issue_ticket(token)
    outcomes: list[str] = []

    async def try_it() -> None:
        try:
            await accounts.redeem(ticket)
        except Refusal as refusal:
            outcomes.append(refusal.code.name)
        else:
            outcomes.append("in")

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(try_it)
    assert outcomes.count("in") == 1


async def test_a_ticket_lives_thirty_seconds_and_never_longer_than_its_session(
    accounts: Accounts, clock: FrozenClock
) -> None:
    token, signed_in = await accounts.sign_in("price1", PASSWORD)
    ticket, expires_at = await accounts.issue_ticket(token)
    assert expires_at == clock.now_ms() + 30_000
    clock.advance(30_000)
    assert await refused(accounts.redeem(ticket)) == "unauthenticated"

    clock.advance(signed_in.expires_at - clock.now_ms() - 5_000)
    _, shortened = await accounts.issue_ticket(token)
    assert shortened == signed_in.expires_at


async def test_a_ticket_dies_with_its_session(accounts: Accounts) -> None:
    token, _ = await accounts.sign_in("price1", PASSWORD)
    ticket, _ = await accounts.issue_ticket(token)
    await accounts.sign_out(token)

    assert await refused(accounts.redeem(ticket)) == "unauthenticated"


async def test_a_guest_gets_no_ticket_and_tokens_are_no_tickets(accounts: Accounts) -> None:
    guest, _ = accounts.create_guest(None)
    token, _ = await accounts.sign_in("price1", PASSWORD)
    ticket, _ = await accounts.issue_ticket(token)

    assert await refused(accounts.issue_ticket(guest)) == "forbidden"
    assert await refused(accounts.redeem(token)) == "unauthenticated"
    assert await refused(accounts.redeem(guest)) == "unauthenticated"
    assert await refused(accounts.verify(ticket)) == "unauthenticated"
