"""From where guests wrote, and what of that is forgotten: the `SightingStore` of `moderation/sightings.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from sqlalchemy import Connection, delete, func, or_, select, update

from kernel.ids import SourceKey, UserId
from moderation.sightings import Sighting, Source
from persistence.bulk import upsert_rows
from persistence.reader import Reader, storable
from persistence.schema import sanction
from persistence.schema_redress import sighting
from rooms.sanctions import Via

# Past this it is a crowd, whatever the number.
NEIGHBOURS_MAX: Final = 10_000


class SightingRows(Reader):
    """Written beside the posts, many at once: through `Database.write`, not through the committers."""

    async def note_sightings(self, seen: Sequence[Sighting]) -> None:
        # In one order, so that two nodes that write the same rows never wait for each other in a circle.
        ordered = sorted(seen, key=lambda one: (one.source, one.user))
        rows = [{"source": one.source, "user_id": one.user, "via": one.via.value, "at": one.at} for one in ordered]
        await self.database.write(lambda connection: upsert_rows(connection, sighting, rows))

    async def sources_of(self, user: UserId, since: int) -> Mapping[Via, Source]:
        if not storable(user):
            return {}
        return await self.database.read(partial(_sources_of, user=user, since=since))

    async def forget_sources(self, before: Mapping[Via, int], now: int) -> int:
        return await self.database.write(partial(_forget, before=before, now=now))


def _sources_of(connection: Connection, user: UserId, since: int) -> dict[Via, Source]:
    query = select(sighting).where(sighting.c.user_id == user).order_by(sighting.c.at)
    newest = {Via(row.via): SourceKey(row.source) for row in connection.execute(query)}
    return {via: Source(key, _others(connection, key, user, since)) for via, key in newest.items()}


def _others(connection: Connection, key: SourceKey, user: UserId, since: int) -> int:
    there = select(sighting.c.user_id).where(
        sighting.c.source == key, sighting.c.user_id != user, sighting.c.at >= since
    )
    counted = select(func.count()).select_from(there.limit(NEIGHBOURS_MAX).subquery())
    return connection.execute(counted).scalar_one()


def _forget(connection: Connection, before: Mapping[Via, int], now: int) -> int:
    """How many rows are gone or hold no digest any more."""
    over = or_(sanction.c.until <= now, sanction.c.lifted_at.is_not(None))
    digests = (
        update(sanction).where(sanction.c.via != Via.ACCOUNT.value, sanction.c.subject != "", over).values(subject="")
    )
    gone = connection.execute(digests).rowcount
    for via, end in before.items():
        old = delete(sighting).where(sighting.c.via == via.value, sighting.c.at < end)
        gone += connection.execute(old).rowcount
    return gone
