"""Departments, accounts, sign-ins and tickets, as `accounts/ports.py: AccountStore` asks for them."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from sqlalchemy import Connection, Insert, Row, Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from accounts.model import Account, Department, Session, Ticket
from kernel.ids import DepartmentId, UserId
from kernel.permissions import Role
from kernel.refusals import Refusal
from persistence.reader import Reader, storable
from persistence.schema import account, department, deployment, session, ticket

_KEY_NAME = "guests_and_hints"
# Longer than any ticket lives, so that cleaning up can never race with one in use.
_TICKETS_KEPT_MS = 3_600_000


class AccountRows(Reader):
    """Small tables, seldom written: changes go through `Database.write`, not through the committers."""

    async def departments(self) -> list[Department]:
        return await self.database.read(_departments)

    async def department(self, department: DepartmentId) -> Department | None:
        if not storable(department):
            return None
        return await self.database.read(partial(_department, wanted=department))

    async def add_department(self, department: Department) -> None:
        await self.database.write(partial(_add_department, added=department))

    async def account(self, account: UserId) -> Account | None:
        if not storable(account):
            return None
        return await self.database.read(partial(_account, wanted=account))

    async def account_by_username(self, username: str) -> Account | None:
        if not storable(username):
            return None
        return await self.database.read(partial(_account_by_username, username=username))

    async def add_account(self, account: Account) -> None:
        await self.database.write(partial(_add_account, added=account))

    async def add_session(self, session: Session) -> None:
        await self.database.write(partial(_add_session, added=session))

    async def session_account(self, token_hash: str, now: int) -> tuple[Session, Account] | None:
        if not storable(token_hash):
            return None
        return await self.database.read(partial(_session_account, token_hash=token_hash, now=now))

    async def delete_session(self, token_hash: str) -> None:
        if storable(token_hash):
            await self.database.write(partial(_delete_session, token_hash=token_hash))

    async def add_ticket(self, ticket: Ticket) -> None:
        await self.database.write(partial(_add_ticket, added=ticket))

    async def consume_ticket(self, ticket_hash: str, now: int) -> tuple[Session, Account] | None:
        if not storable(ticket_hash):
            return None
        return await self.database.write(partial(_consume_ticket, ticket_hash=ticket_hash, now=now))

    async def deployment_secret(self) -> bytes:
        found = await self.database.read(_secret)
        return found if found is not None else await self.database.write(_make_secret)


def insert_unless_there(connection: Connection, table: Table) -> Insert:
    """An insert into `table` that does nothing where the key is taken, in the dialect of the connection."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def _departments(connection: Connection) -> list[Department]:
    rows = connection.execute(select(department).order_by(department.c.slot, department.c.id))
    return [_department_of(row) for row in rows]


def _department(connection: Connection, wanted: DepartmentId) -> Department | None:
    row = connection.execute(select(department).where(department.c.id == wanted)).one_or_none()
    return None if row is None else _department_of(row)


def _add_department(connection: Connection, added: Department) -> None:
    values = {"id": added.id, "name": added.name, "name_en": added.name_en, "mark": added.mark, "slot": added.slot}
    _insert_or_conflict(connection, insert(department).values(values))


def _account(connection: Connection, wanted: UserId) -> Account | None:
    row = connection.execute(select(account).where(account.c.id == wanted)).one_or_none()
    return None if row is None else _account_of(row)


def _account_by_username(connection: Connection, username: str) -> Account | None:
    row = connection.execute(select(account).where(account.c.username == username)).one_or_none()
    return None if row is None else _account_of(row)


def _add_account(connection: Connection, added: Account) -> None:
    if added.department is not None and _department(connection, added.department) is None:
        raise Refusal("no_department")
    values = {
        "id": added.id,
        "username": added.username,
        "name": added.name,
        "role": added.role.value,
        "department_id": added.department,
        "password_hash": added.password_hash,
        "disabled": added.disabled,
    }
    _insert_or_conflict(connection, insert(account).values(values))


def _insert_or_conflict(connection: Connection, statement: Insert) -> None:
    try:
        connection.execute(statement)
    except IntegrityError as error:
        raise Refusal("conflict") from error


def _add_session(connection: Connection, added: Session) -> None:
    # Whoever signs in sweeps: the table holds living sign-ins and those of quiet hours, no more.
    connection.execute(delete(session).where(session.c.expires_at < added.created_at))
    values = {
        "token_hash": added.token_hash,
        "account_id": added.account,
        "created_at": added.created_at,
        "expires_at": added.expires_at,
    }
    connection.execute(insert(session).values(values))


def _session_account(connection: Connection, token_hash: str, now: int) -> tuple[Session, Account] | None:
    query = (
        select(session, account)
        .join(account, account.c.id == session.c.account_id)
        .where(session.c.token_hash == token_hash, session.c.expires_at > now, account.c.disabled.is_(False))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Session(row.token_hash, UserId(row.account_id), row.created_at, row.expires_at), _account_of(row)


def _delete_session(connection: Connection, token_hash: str) -> None:
    # Its tickets go with it, also where the database does not cascade by itself.
    connection.execute(delete(ticket).where(ticket.c.session_hash == token_hash))
    connection.execute(delete(session).where(session.c.token_hash == token_hash))


def _add_ticket(connection: Connection, added: Ticket) -> None:
    connection.execute(delete(ticket).where(ticket.c.expires_at < added.expires_at - _TICKETS_KEPT_MS))
    values = {"ticket_hash": added.ticket_hash, "session_hash": added.session_hash, "expires_at": added.expires_at}
    connection.execute(insert(ticket).values(values))


def _consume_ticket(connection: Connection, ticket_hash: str, now: int) -> tuple[Session, Account] | None:
    # The deletion is the decision: of callers at the same time the database lets one have the row.
    taken = connection.execute(
        delete(ticket).where(ticket.c.ticket_hash == ticket_hash).returning(ticket.c.session_hash, ticket.c.expires_at)
    ).one_or_none()
    if taken is None or taken.expires_at <= now:
        return None
    return _session_account(connection, taken.session_hash, now)


def _secret(connection: Connection) -> bytes | None:
    return connection.execute(select(deployment.c.value).where(deployment.c.name == _KEY_NAME)).scalar_one_or_none()


def _make_secret(connection: Connection) -> bytes:
    """Of several nodes starting at once the first to insert has made it; the others read it."""
    fresh = secrets.token_bytes(32)
    connection.execute(insert_unless_there(connection, deployment).values(name=_KEY_NAME, value=fresh))
    return _secret(connection) or fresh


def _department_of(row: Row[Any]) -> Department:
    return Department(DepartmentId(row.id), row.name, row.name_en, row.mark, row.slot)


def _account_of(row: Row[Any]) -> Account:
    return Account(
        id=UserId(row.id),
        username=row.username,
        name=row.name,
        role=Role(row.role),
        department=None if row.department_id is None else DepartmentId(row.department_id),
        password_hash=row.password_hash,
        disabled=row.disabled,
    )
