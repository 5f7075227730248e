"""Word lists and their versions, as `moderation/lists/ports.py: WordListStore` asks for them."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, insert, select, update

from kernel.clock import Clock
from kernel.ids import MonotonicIds, PostId, RoomId, UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from moderation.lists.model import CITY, SETTINGS, ListHead, ListVersion
from moderation.lists.ports import RecentText
from persistence.account_rows import insert_unless_there
from persistence.database import Database
from persistence.reader import Reader, page, storable
from persistence.room_rows import policy_of
from persistence.schema import audit, post, post_version, room, word_list, word_list_version
from rooms.model import PostKind, PostState

# The row whose number counts the changes of all lists, and whose lock puts them one after the other.
_COUNTER: Final = ""
RECENT_MAX: Final = 1_000

_CHANGES = select(word_list.c.number).where(word_list.c.scope == _COUNTER)
_TOLD = [column for column in word_list_version.c if column.name not in ("terms", "exceptions")]


class WordListRows(Reader):
    """Seldom written: changes go through `Database.write`, not through the committers."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        super().__init__(database, clock)
        self._entries = MonotonicIds(self.clock)

    async def word_list_changes(self) -> int:
        return await self.database.read(_changes)

    async def word_list_heads(self) -> tuple[int, Mapping[str, ListHead]]:
        return await self.database.read(_heads)

    async def word_list(self, scope: str, number: int | None = None) -> ListVersion | None:
        if not storable(scope):
            return None
        row = await self.database.read(partial(_version, scope=scope, number=number))
        if row is None:
            return None
        terms = await asyncio.to_thread(zlib.decompress, row.terms)
        return _version_of(row, terms.decode(), row.exceptions)

    async def word_list_versions(
        self, scope: str, before: int | None, limit: int
    ) -> tuple[list[ListVersion], int | None]:
        if not storable(scope):
            return [], None
        return await self.database.read(partial(_versions, scope=scope, before=before, size=page(limit)))

    async def add_word_list(self, version: ListVersion, by: Actor | None) -> None:
        if not storable(version.scope, version.terms, version.exceptions, version.reason):
            raise Refusal("bad_request", field="terms")
        # In a thread: a long list takes a tenth of a second, and posts go on meanwhile.
        terms = await asyncio.to_thread(zlib.compress, version.terms.encode())
        await self.database.write(partial(_add, version=version, terms=terms, by=by, entry=self._entries()))

    async def recent_texts(self, room: RoomId | None, limit: int) -> list[RecentText]:
        if room is not None and not storable(room):
            return []
        return await self.database.read(partial(_recent, where=room, limit=max(0, min(limit, RECENT_MAX))))


def _changes(connection: Connection) -> int:
    return connection.execute(_CHANGES).scalar_one_or_none() or 0


def _heads(connection: Connection) -> tuple[int, Mapping[str, ListHead]]:
    rows = connection.execute(select(word_list)).all()
    heads = {row.scope: ListHead(row.number, row.digest) for row in rows}
    counter = heads.pop(_COUNTER, None)
    return 0 if counter is None else counter.number, heads


def _version(connection: Connection, scope: str, number: int | None) -> Row[Any] | None:
    query = select(word_list_version).where(word_list_version.c.scope == scope)
    if number is not None:
        query = query.where(word_list_version.c.number == number)
    return connection.execute(query.order_by(word_list_version.c.number.desc()).limit(1)).one_or_none()


def _versions(
    connection: Connection, scope: str, before: int | None, size: int
) -> tuple[list[ListVersion], int | None]:
    query = select(*_TOLD).where(word_list_version.c.scope == scope)
    if before is not None:
        query = query.where(word_list_version.c.number < before)
    rows = connection.execute(query.order_by(word_list_version.c.number.desc()).limit(size + 1)).all()
    return [_version_of(row) for row in rows[:size]], rows[size - 1].number if len(rows) > size else None


def _add(connection: Connection, version: ListVersion, terms: bytes, by: Actor | None, entry: str) -> None:
    if version.scope != CITY and not connection.execute(select(room.c.id).where(room.c.id == version.scope)).first():
        raise Refusal("no_room")
    for scope in (_COUNTER, version.scope):
        empty = {"scope": scope, "number": 0, "digest": ""}
        connection.execute(insert_unless_there(connection, word_list).values(empty))
    counting = update(word_list).where(word_list.c.scope == _COUNTER).values(number=word_list.c.number + 1)
    connection.execute(counting)
    advanced = connection.execute(
        update(word_list)
        .where(and_(word_list.c.scope == version.scope, word_list.c.number == version.number - 1))
        .values(number=version.number, digest=version.digest)
    )
    if advanced.rowcount != 1:
        raise Refusal("stale_version")
    values = {
        "scope": version.scope,
        "number": version.number,
        "created_by": version.by,
        "created_by_name": version.by_name,
        "created_at": version.at,
        "reason": version.reason,
        "terms": terms,
        "exceptions": version.exceptions,
        "count": version.count,
        "exception_count": version.exception_count,
        "digest": version.digest,
    }
    connection.execute(insert(word_list_version).values(values))
    detail = {"number": version.number, "count": version.count, "reason": version.reason, "digest": version.digest}
    entry_values = {
        "id": entry,
        "action": "moderation:wordlist:publish",
        "actor_id": SETTINGS if by is None else by.id,
        "subject": version.scope,
        "detail": detail,
        "at": version.at,
    }
    connection.execute(insert(audit).values(entry_values))


def _recent(connection: Connection, where: RoomId | None, limit: int) -> list[RecentText]:
    query = (
        select(post.c.id, post.c.room_id, post.c.kind, post.c.created_at, post_version.c.body, room.c.policy)
        .join(post_version, and_(post_version.c.post_id == post.c.id, post_version.c.version == post.c.version))
        .join(room, room.c.id == post.c.room_id)
        .where(
            post.c.author_role == Role.NETIZEN.value,
            post.c.hidden.is_(None),
            post.c.state != PostState.WITHDRAWN.value,
        )
        .order_by(post.c.id.desc())
        .limit(limit)
    )
    if where is not None:
        query = query.where(post.c.room_id == where)
    return [
        RecentText(
            PostId(row.id), RoomId(row.room_id), PostKind(row.kind), row.body, row.created_at, policy_of(row.policy)
        )
        for row in connection.execute(query)
    ]


def _version_of(row: Row[Any], terms: str = "", exceptions: str = "") -> ListVersion:
    return ListVersion(
        scope=row.scope,
        number=row.number,
        by=UserId(row.created_by),
        by_name=row.created_by_name,
        at=row.created_at,
        reason=row.reason,
        count=row._mapping["count"],  # a row has a method of that name
        exception_count=row.exception_count,
        digest=row.digest,
        terms=terms,
        exceptions=exceptions,
    )
