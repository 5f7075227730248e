"""What accounts need from a store. Implemented in `persistence/`, checked by `tests/contracts/`."""

from __future__ import annotations

from typing import Protocol

from accounts.model import Account, Department, Session, Ticket
from kernel.ids import DepartmentId, UserId


class AccountStore(Protocol):
    """Departments, accounts, sign-ins, tickets and the deployment's own secret."""

    async def departments(self) -> list[Department]: ...
    async def add_department(self, department: Department) -> None: ...  # Refusal conflict if the id is taken
    async def account_by_username(self, username: str) -> Account | None: ...
    async def account(self, account: UserId) -> Account | None: ...
    async def add_account(self, account: Account) -> None: ...  # Refusal conflict if the username is taken
    async def add_session(self, session: Session) -> None: ...

    async def session_account(self, token_hash: str, now: int) -> tuple[Session, Account] | None:
        """The sign-in and its account, unless it is gone, expired or the account disabled."""
        ...

    async def delete_session(self, token_hash: str) -> None: ...
    async def add_ticket(self, ticket: Ticket) -> None: ...

    async def consume_ticket(self, ticket_hash: str, now: int) -> tuple[Session, Account] | None:
        """Deletes the row and answers whom it stood for; exactly one of many callers gets an answer."""
        ...

    async def deployment_secret(self) -> bytes:
        """32 random bytes, made once for the store and the same on every node: signs guest tokens and hints."""
        ...

    async def department(self, department: DepartmentId) -> Department | None: ...
