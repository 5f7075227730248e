"""What is thought of people, and what became of a room's policy, as `moderation/trust.py: TrustStore` asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select

from kernel.clock import Clock
from kernel.ids import MonotonicIds, RoomId, UserId
from kernel.permissions import Actor
from moderation.trust import LOOKED_AT, Said, Standing, derive
from persistence.database import Database
from persistence.prepared import Prepared
from persistence.reader import Reader, page, storable
from persistence.schema import account, audit, post, trust
from rooms.model import PostKind, PostState, Room, Trust, TrustPass

_SAID = Prepared(lambda among: select(trust.c.user_id, trust.c.level).where(among(trust.c.user_id, "people")))
_OWN_WORDS = (PostKind.QUESTION.value, PostKind.COMMENT.value)
WITHDRAWN = "withdrawn"


class TrustRows(Reader):
    """A moderator's word is written seldom, through `Database.write`, and read with every post it could matter to."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        super().__init__(database, clock)
        self._trust_entries = MonotonicIds(self.clock)

    async def standing(self, user: UserId) -> Standing:
        if not storable(user):
            return Standing(Trust.NEW, None)
        return await self.database.read(partial(_standing, user=user))

    async def say_trust(self, user: UserId, said: Said | None, by: Actor, reason: str, at: int) -> None:
        if storable(user, reason):
            entry = self._trust_entries()
            await self.database.write(partial(_say, user=user, said=said, by=by, reason=reason, at=at, entry=entry))

    async def policy_changes(self, room: RoomId, limit: int) -> list[dict[str, Any]]:
        if not storable(room):
            return []
        return await self.database.read(partial(_policy_changes, room=room, limit=page(limit)))


def asks_for_trust(room: Room | None) -> bool:
    """Where everything from everybody waits, nobody's standing decides anything."""
    return room is not None and (not room.policy.premoderate or room.policy.trust is not TrustPass.NOBODY)


def read_trust(connection: Connection, people: Collection[UserId], rooms: Iterable[Room | None]) -> dict[UserId, Trust]:
    """What a moderator said of these people; what their posts say only where a room lets somebody pass for it."""
    if not people:
        return {}
    known = {UserId(row.user_id): Trust(row.level) for row in _SAID(connection, people=people)}
    if any(room is not None and room.policy.trust is not TrustPass.NOBODY for room in rooms):
        known.update({user: _derived(connection, user) for user in people if user not in known})
    return known


def _derived(connection: Connection, user: UserId) -> Trust:
    newest = (
        select(post.c.state, post.c.hidden)
        .where(post.c.author_id == user, post.c.kind.in_(_OWN_WORDS))
        .order_by(post.c.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    hidden = func.coalesce(newest.c.hidden, "")
    query = select(newest.c.state, hidden, func.count()).group_by(newest.c.state, hidden)
    published = refused = 0
    for state, reason, count in connection.execute(query).all():
        if state == PostState.REJECTED.value or (reason and reason != WITHDRAWN):
            refused += count
        elif state == PostState.PUBLISHED.value and not reason:
            published += count
    return derive(published, refused, guest=user.startswith("g:"))


def _standing(connection: Connection, user: UserId) -> Standing:
    row = connection.execute(select(trust).where(trust.c.user_id == user)).one_or_none()
    said = None
    if row is not None:
        said = Said(Trust(row.level), row.reason, UserId(row.set_by), row.set_by_name, row.set_at)
    return Standing(_derived(connection, user), said)


def _say(connection: Connection, user: UserId, said: Said | None, by: Actor, reason: str, at: int, entry: str) -> None:
    was = connection.execute(select(trust.c.level).where(trust.c.user_id == user)).scalar_one_or_none()
    connection.execute(delete(trust).where(trust.c.user_id == user))
    if said is not None:
        values = {
            "user_id": user,
            "level": said.level.value,
            "reason": said.reason,
            "set_by": said.by,
            "set_by_name": said.by_name,
            "set_at": said.at,
        }
        connection.execute(insert(trust).values(values))
    detail = {"was": was, "level": None if said is None else said.level.value, "reason": reason}
    audited = {"id": entry, "action": "moderation:user:trust", "actor_id": by.id, "subject": user, "at": at}
    connection.execute(insert(audit).values({**audited, "detail": detail}))


def _policy_changes(connection: Connection, room: RoomId, limit: int) -> list[dict[str, Any]]:
    query = (
        select(audit.c.at, audit.c.actor_id, audit.c.detail, account.c.name)
        .outerjoin(account, account.c.id == audit.c.actor_id)
        .where(and_(audit.c.subject == room, audit.c.action == "room:room:set"))
        .order_by(audit.c.at.desc(), audit.c.id.desc())
        .limit(limit)
    )
    return [
        {
            "at": row.at,
            "by": {"id": row.actor_id, "name": row.name or ""},
            "to": {name: value for name, value in row.detail.items() if name != "was"},
            "was": row.detail.get("was", {}),
        }
        for row in connection.execute(query)
    ]
