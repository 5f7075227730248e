"""What a batch needs to know about reports: the case of each post concerned, and who reported it already."""

from __future__ import annotations

from sqlalchemy import Connection, select

from kernel.ids import PostId, RoomId, UserId
from persistence.needs import Needs
from persistence.prepared import Prepared
from persistence.schema_redress import report, report_case
from rooms.reports import CaseState, ReportCase, ReportEntry
from rooms.working_set import WorkingSet

_CASES = Prepared(lambda among: select(report_case).where(among(report_case.c.post_id, "posts")))
_OWN = Prepared(
    lambda among: select(report).where(among(report.c.post_id, "posts"), among(report.c.reporter_id, "people"))
)
# Of one who judges: the reasons there were. As many as anybody will read.
_REASONS = Prepared(
    lambda among: select(report.c.post_id, report.c.reason).where(among(report.c.post_id, "posts")).distinct()
)


def load_reports(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    posts = needs.reported | needs.judged
    if not posts:
        return
    for row in _CASES(connection, posts=posts):
        case = ReportCase(
            post=PostId(row.post_id),
            room=RoomId(row.room_id),
            state=CaseState(row.state),
            opened_at=row.opened_at,
            reports=row.reports,
            settled=row.settled,
            reasons=tuple(row.reasons),
            decided_by=None if row.decided_by is None else UserId(row.decided_by),
            decided_at=row.decided_at,
            note=row.note,
        )
        ws.cases.load(case.post, case)
    if needs.reported:
        for row in _OWN(connection, posts=needs.reported, people=needs.authors):
            found = ReportEntry(PostId(row.post_id), UserId(row.reporter_id), row.reason, row.note, row.at)
            ws.reports.load((found.post, found.reporter), found)
    if needs.judged:
        for row in _REASONS(connection, posts=needs.judged):
            # One for each reason: who gave it does not matter to who judges.
            nobody = UserId(f"reason:{row.reason}")
            ws.reports.load(
                (PostId(row.post_id), nobody), ReportEntry(PostId(row.post_id), nobody, row.reason, None, 0)
            )
