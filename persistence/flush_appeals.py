"""Writes appeals made and decided; each is made once and decided once, whichever node was asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from persistence.bulk import insert_rows, update_rows
from persistence.schema_redress import appeal
from rooms.appeals import AppealEntry
from rooms.working_set import WorkingSet


def write_appeals(connection: Connection, ws: WorkingSet) -> tuple[int, int]:
    """How many rows were written, and how many should have been."""
    made = [_row(one) for one in ws.appeals.added()]
    written = insert_rows(connection, appeal, made, unless=("subject",))
    changed = ws.appeals.changed()
    decided = [_decision(after) for _, after in changed]
    written += update_rows(
        connection, appeal, decided, [{"state": before.state.value} for before, _ in changed] or None
    )
    return written, len(made) + len(decided)


def _row(one: AppealEntry) -> dict[str, Any]:
    return {
        "id": one.id,
        "subject": one.subject,
        "what": one.what.value,
        "room_id": one.room,
        "post_id": one.post,
        "version": one.ver,
        "sanction_id": one.sanction,
        "author_id": one.author,
        "body": one.text,
        "against": one.against,
        "reason": one.reason,
        "at": one.at,
        **_decision(one),
    }


def _decision(one: AppealEntry) -> dict[str, Any]:
    return {
        "id": one.id,
        "state": one.state.value,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "note": one.note,
    }
