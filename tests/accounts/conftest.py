"""Accounts over a store in memory; the real stores are under `tests/contracts/store`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from argon2 import PasswordHasher

from accounts.handlers import Accounts
from accounts.model import Account, Session, Ticket
from accounts.passwords import Passwords
from kernel.clock import FrozenClock
from kernel.ids import CountingIds, DepartmentId, UserId
from kernel.permissions import Role

SECRET = b"a deployment secret of 32 bytes!"
PASSWORD = "correct horse 地铁"
HOUR = 3_600_000


@dataclass
class AccountsInMemory:
    """The part of `AccountStore` that signing in needs; `reads` counts what was asked."""

    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    reads: int = 0

    async def account_by_username(self, username: str) -> Account | None:
        self.reads += 1
        return self.accounts.get(username)

    async def add_session(self, session: Session) -> None:
        self.sessions[session.token_hash] = session

    async def session_account(self, token_hash: str, now: int) -> tuple[Session, Account] | None:
        self.reads += 1
        session = self.sessions.get(token_hash)
        if session is None or session.expires_at <= now:
            return None
        account = next(one for one in self.accounts.values() if one.id == session.account)
        return None if account.disabled else (session, account)

    async def delete_session(self, token_hash: str) -> None:
        self.sessions.pop(token_hash, None)

    async def add_ticket(self, ticket: Ticket) -> None:
        self.tickets[ticket.ticket_hash] = ticket

    async def consume_ticket(self, ticket_hash: str, now: int) -> tuple[Session, Account] | None:
        ticket = self.tickets.pop(ticket_hash, None)
        if ticket is None or ticket.expires_at <= now:
            return None
        return await self.session_account(ticket.session_hash, now)

    def disable(self, username: str) -> None:
        self.accounts[username] = replace(self.accounts[username], disabled=True)


@pytest.fixture(scope="session")
def hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def store(hasher: PasswordHasher) -> AccountsInMemory:
    price1 = Account(
        UserId("account-1"), "price1", "陈立言", Role.RESPONDENT, DepartmentId("price"), hasher.hash(PASSWORD)
    )
    return AccountsInMemory({"price1": price1})


@pytest.fixture
def accounts(store: AccountsInMemory, clock: FrozenClock, hasher: PasswordHasher) -> Accounts:
    return Accounts(
        store,  # type: ignore[arg-type]  # the part of the port that is used
        clock,
        SECRET,
        session_ms=12 * HOUR,
        guest_ms=30 * 24 * HOUR,
        ticket_ms=30_000,
        passwords=Passwords(hasher),
        ids=CountingIds(),
    )
