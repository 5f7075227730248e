"""Departments, staff accounts and what a sign-in hands out."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import DepartmentId, UserId
from kernel.permissions import Actor, Role


@dataclass(frozen=True, slots=True)
class Department:
    """An organ that answers. `slot` (1–8) is its colour, shape and stripe on screen; `mark` its one character."""

    id: DepartmentId
    name: str
    name_en: str
    mark: str
    slot: int


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff. `password_hash` is argon2id's own encoded form."""

    id: UserId
    username: str
    name: str
    role: Role
    department: DepartmentId | None
    password_hash: str
    disabled: bool = False

    def actor(self) -> Actor:
        return Actor(id=self.id, name=self.name, role=self.role, department=self.department)


@dataclass(frozen=True, slots=True)
class Session:
    """A staff sign-in. Only `token_hash` (SHA-256, hex) is stored; times are milliseconds."""

    token_hash: str
    account: UserId
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """A single-use pass from an HTTPS session to one socket `hello`; consumed by deleting its row."""

    ticket_hash: str
    session_hash: str
    expires_at: int
