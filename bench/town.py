"""A store with a department, a host and a moderator in it: what a room needs before anybody comes."""

from __future__ import annotations

import asyncio

from accounts.model import Account, Department
from accounts.passwords import hash_password
from kernel.clock import SystemClock
from kernel.ids import DepartmentId, MonotonicIds, UserId
from kernel.permissions import Role
from persistence.migrate import migrate
from persistence.store import open_store

PASSWORD = "only for measurements on loopback"
STAFF = (("host", "主持人", Role.HOST), ("moderator", "审核员", Role.MODERATOR))


def found(url: str) -> None:
    """Tables, and who works here."""
    migrate(url)
    asyncio.run(_found(url))


async def _found(url: str) -> None:
    clock = SystemClock()
    ids, hashed = MonotonicIds(clock), hash_password(PASSWORD)
    store = await open_store(url, clock=clock)
    try:
        await store.add_department(Department(DepartmentId("price"), "市物价局", "Price Bureau", "价", 1))
        for username, name, role in STAFF:
            await store.add_account(Account(UserId(ids()), username, name, role, None, hashed))
    finally:
        await store.close()
