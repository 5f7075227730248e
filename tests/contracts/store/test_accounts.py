"""Departments, accounts, sign-ins and tickets, the same on either store."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from accounts.model import Account, Department, Session, Ticket
from kernel.ids import DepartmentId, UserId
from kernel.permissions import Role
from kernel.refusals import Refusal
from persistence.store import Store
from tests.contracts.store.ground import NOW

pytestmark = pytest.mark.anyio

PRICE = Department(DepartmentId("price"), "市物价局", "Price Bureau", "价", 1)
METRO = Department(DepartmentId("metro"), "市地铁公司", "Metro", "铁", 3)


def account(key: str = "a1", username: str = "price1", **changes: Any) -> Account:
    values = {"name": "陈立言", "role": Role.RESPONDENT, "department": PRICE.id, "password_hash": "$argon2id$…"}
    return Account(id=UserId(key), username=username, **{**values, **changes})


@pytest.fixture
async def signed_in(store: Store) -> tuple[Session, Account]:
    await store.add_department(PRICE)
    await store.add_account(account())
    session = Session("t" * 64, UserId("a1"), NOW, NOW + 1_000)
    await store.add_session(session)
    return session, account()


async def test_departments_are_listed_by_slot(store: Store) -> None:
    await store.add_department(METRO)
    await store.add_department(PRICE)

    assert await store.departments() == [PRICE, METRO]
    assert await store.department(METRO.id) == METRO
    assert await store.department(DepartmentId("none")) is None
    with pytest.raises(Refusal, match="conflict"):
        await store.add_department(PRICE)
    assert await store.departments() == [PRICE, METRO]


async def test_an_account_is_found_by_its_name_and_its_id(store: Store) -> None:
    await store.add_department(PRICE)
    await store.add_account(account())
    moderator = account("m1", "moderator1", role=Role.MODERATOR, department=None, disabled=True)
    await store.add_account(moderator)

    assert await store.account_by_username("price1") == account()
    assert await store.account(UserId("m1")) == moderator
    for unknown in ("nobody", "", "PRICE1", "price1\x00", "\ud800"):
        assert await store.account_by_username(unknown) is None


async def test_a_username_is_given_once(store: Store) -> None:
    await store.add_department(PRICE)
    await store.add_account(account())

    with pytest.raises(Refusal, match="conflict"):
        await store.add_account(account("a2"))
    with pytest.raises(Refusal, match="no_department"):
        await store.add_account(account("a3", "other", department=DepartmentId("none")))
    assert await store.account(UserId("a2")) is None


async def test_a_sign_in_ends_by_time_by_hand_or_with_its_account(
    store: Store, signed_in: tuple[Session, Account]
) -> None:
    session, who = signed_in

    assert await store.session_account(session.token_hash, NOW) == (session, who)
    assert await store.session_account(session.token_hash, session.expires_at) is None
    assert await store.session_account("u" * 64, NOW) is None

    await store.add_account(account("a2", "gone", disabled=True))
    await store.add_session(Session("d" * 64, UserId("a2"), NOW, NOW + 1_000))
    assert await store.session_account("d" * 64, NOW) is None

    await store.add_ticket(Ticket("k" * 64, session.token_hash, NOW + 30))
    await store.delete_session(session.token_hash)
    await store.delete_session(session.token_hash)
    assert await store.session_account(session.token_hash, NOW) is None
    assert await store.consume_ticket("k" * 64, NOW) is None


async def test_signing_in_sweeps_out_what_has_run_out(store: Store, signed_in: tuple[Session, Account]) -> None:
    session, who = signed_in
    await store.add_ticket(Ticket("k" * 64, session.token_hash, NOW + 30))

    later = Session("n" * 64, who.id, session.expires_at + 1, session.expires_at + 1_000)
    await store.add_session(later)

    # Asked at a time when it was still good: the row itself is gone.
    assert await store.session_account(session.token_hash, NOW) is None
    assert await store.session_account(later.token_hash, later.created_at) == (later, who)


async def test_a_ticket_is_good_once_and_in_time(store: Store, signed_in: tuple[Session, Account]) -> None:
    session, who = signed_in
    await store.add_ticket(Ticket("a" * 64, session.token_hash, NOW + 30))
    await store.add_ticket(Ticket("b" * 64, session.token_hash, NOW + 30))

    assert await store.consume_ticket("a" * 64, NOW) == (session, who)
    assert await store.consume_ticket("a" * 64, NOW) is None
    assert await store.consume_ticket("b" * 64, NOW + 30) is None
    # Too late is used up as well.
    assert await store.consume_ticket("b" * 64, NOW) is None
    assert await store.consume_ticket("c" * 64, NOW) is None


async def test_of_many_who_show_one_ticket_one_is_let_in(store: Store, signed_in: tuple[Session, Account]) -> None:
    session, _ = signed_in
    await store.add_ticket(Ticket("a" * 64, session.token_hash, NOW + 30))

    answers = await asyncio.gather(*(store.consume_ticket("a" * 64, NOW) for _ in range(20)))

    assert sum(answer is not None for answer in answers) == 1


async def test_the_secret_is_made_once_for_all(store: Store) -> None:
    secrets = await asyncio.gather(*(store.deployment_secret() for _ in range(10)))

    assert set(secrets) == {await store.deployment_secret()}
    assert len(secrets[0]) == 32
