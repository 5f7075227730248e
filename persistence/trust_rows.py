"""What is thought of people, and what became of a room's policy, as `moderation/trust.py: TrustStore` asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select

from kernel.clock import Clock
from kernel.ids import MonotonicIds, RoomId, UserId
from kernel.permissions import Actor
from moderation.trust import Said, Standing
from persistence.database import Database
from persistence.prepared import Prepared
from persistence.reader import Reader, page, storable
from persistence.schema import account, audit, trust
from persistence.schema import room as rooms
from persistence.stakes_reads import read_stakes
from persistence.standing_reads import derived
from rooms.model import Room, Trust, TrustPass

_SAID = Prepared(lambda among: select(trust.c.user_id, trust.c.level).where(among(trust.c.user_id, "people")))


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

    async def room_maker(self, room: RoomId) -> str:
        query = select(account.c.name).join(rooms, rooms.c.created_by == account.c.id).where(rooms.c.id == room)
        return await self.database.read(lambda connection: connection.execute(query).scalar_one_or_none() or "")

    async def policy_stakes(self, room: RoomId) -> dict[str, Any]:
        return await self.database.read(partial(read_stakes, wanted=room))


def asks_for_trust(room: Room | None) -> bool:
    """Where everything from everybody waits, nobody's standing decides anything."""
    return room is not None and (not room.policy.premoderate or room.policy.trust is not TrustPass.NOBODY)


def read_trust(connection: Connection, people: Collection[UserId], rooms: Iterable[Room | None]) -> dict[UserId, Trust]:
    """What a moderator said of these people; what their posts say only where a room lets somebody pass for it."""
    if not people:
        return {}
    known = {UserId(row.user_id): Trust(row.level) for row in _SAID(connection, people=people)}
    if any(room is not None and room.policy.trust is not TrustPass.NOBODY for room in rooms):
        known.update({user: derived(connection, user) for user in people if user not in known})
    return known


def _standing(connection: Connection, user: UserId) -> Standing:
    row = connection.execute(select(trust).where(trust.c.user_id == user)).one_or_none()
    said = None
    if row is not None:
        said = Said(Trust(row.level), row.reason, UserId(row.set_by), row.set_by_name, row.set_at)
    return Standing(derived(connection, user), said)


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
            "to": {name: value for name, value in row.detail.items() if name not in ("was", "why")},
            "was": row.detail.get("was", {}),
            "why": row.detail.get("why", ""),
        }
        for row in connection.execute(query)
    ]
