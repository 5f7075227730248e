"""The audit, read: a page, newest first, by what auditors look for; the `AuditStore` of `moderation/auditing.py`."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, or_, select

from moderation.auditing import AuditFilter, AuditLine
from persistence.reader import Reader, page, storable
from persistence.schema import account, audit


class AuditReads(Reader):
    async def audit_log(
        self, wanted: AuditFilter, cursor: str | None, limit: int
    ) -> tuple[list[AuditLine], str | None]:
        if not storable(*(asked for asked in (wanted.begins, wanted.by, wanted.subject, cursor) if asked)):
            return [], None
        return await self.database.read(partial(_log, wanted=wanted, cursor=cursor, size=page(limit)))


def _log(
    connection: Connection, wanted: AuditFilter, cursor: str | None, size: int
) -> tuple[list[AuditLine], str | None]:
    """By id: ids grow with time, and the key is the only order there is without an index of its own."""
    query = (
        select(audit, account.c.name)
        .outerjoin(account, account.c.id == audit.c.actor_id)
        .order_by(audit.c.id.desc())
        .limit(size + 1)
    )
    if cursor is not None:
        query = query.where(audit.c.id < cursor)
    if wanted.begins is not None:
        query = query.where(audit.c.action.startswith(wanted.begins, autoescape=True))
    if wanted.by is not None:
        query = query.where(or_(audit.c.actor_id == wanted.by, account.c.username == wanted.by))
    if wanted.subject is not None:
        query = query.where(audit.c.subject == wanted.subject)
    if wanted.since is not None:
        query = query.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit.c.at < wanted.until)
    rows = connection.execute(query).all()
    lines = [
        AuditLine(row.id, row.action, row.actor_id, row.name or "", row.subject, row.detail, row.at)
        for row in rows[:size]
    ]
    return lines, lines[-1].id if len(rows) > size else None
