"""Writes proposals to hide an answer, made and ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from persistence.bulk import upsert_rows
from persistence.schema_redress import hiding_proposal
from rooms.proposals import ProposalEntry
from rooms.working_set import WorkingSet


def write_proposals(connection: Connection, ws: WorkingSet) -> None:
    """The room's lock keeps the one row of a post to one batch at a time."""
    told = [*ws.proposals.added(), *(after for _, after in ws.proposals.changed())]
    upsert_rows(connection, hiding_proposal, [_row(one) for one in told])


def _row(one: ProposalEntry) -> dict[str, Any]:
    return {
        "post_id": one.post,
        "room_id": one.room,
        "n": one.n,
        "version": one.version,
        "reason": one.reason,
        "by": one.by,
        "by_name": one.by_name,
        "by_role": one.by_role,
        "at": one.at,
        "until": one.until,
        "state": one.state.value,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "note": one.note,
    }
