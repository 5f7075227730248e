"""Codes to look one's own posts up with, as `accounts/lookups.py: LookupStore` asks for them."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, and_, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from kernel.ids import UserId
from persistence.reader import Reader
from persistence.schema_netizens import lookup


class LookupRows(Reader):
    """Written when a guest asks for a code, through `Database.write`."""

    async def put_lookup(self, user: UserId, code_hash: str, at: int, forgotten: int) -> None:
        await self.database.write(partial(_put, user=user, code_hash=code_hash, at=at, forgotten=forgotten))

    async def lookup(self, code_hash: str, forgotten: int) -> UserId | None:
        return await self.database.read(partial(_look_up, code_hash=code_hash, forgotten=forgotten))


def _put(connection: Connection, user: UserId, code_hash: str, at: int, forgotten: int) -> None:
    connection.execute(delete(lookup).where(lookup.c.created_at < forgotten))
    changed = {"code_hash": code_hash, "created_at": at}
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # In one statement: of two who ask at once the later one's code stands, and neither is refused.
    statement = insert(lookup).values(user_id=user, **changed)
    connection.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=changed))


def _look_up(connection: Connection, code_hash: str, forgotten: int) -> UserId | None:
    query = select(lookup.c.user_id).where(and_(lookup.c.code_hash == code_hash, lookup.c.created_at >= forgotten))
    return connection.execute(query).scalar_one_or_none()
