"""Writes reports and their cases; one report for each person and post, whichever node was asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from persistence.bulk import insert_rows, upsert_rows
from persistence.schema_redress import report, report_case
from rooms.reports import ReportCase
from rooms.working_set import WorkingSet


def write_reports(connection: Connection, ws: WorkingSet) -> tuple[int, int]:
    """How many reports were written, and how many should have been. The room's lock keeps cases to one batch."""
    made = [
        {"post_id": one.post, "reporter_id": one.reporter, "reason": one.reason, "note": one.note, "at": one.at}
        for one in ws.reports.added()
    ]
    written = insert_rows(connection, report, made, unless=("post_id", "reporter_id"))
    upsert_rows(connection, report_case, [_row(one) for one in [*ws.cases.added(), *_changed(ws)]])
    return written, len(made)


def _changed(ws: WorkingSet) -> list[ReportCase]:
    return [after for _, after in ws.cases.changed()]


def _row(one: ReportCase) -> dict[str, Any]:
    return {
        "post_id": one.post,
        "room_id": one.room,
        "state": one.state.value,
        "opened_at": one.opened_at,
        "reports": one.reports,
        "settled": one.settled,
        "reasons": list(one.reasons),
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "note": one.note,
    }
