"""Decisions on reports: a report hides nothing by itself, it only asks a moderator to look, once.

What was dismissed stays dismissed: of the same reasons, as many more as `AGAIN` are needed to ask anew.
"""

from __future__ import annotations

from typing import Any, Final

from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.decide_proposals import redact
from moderation.report_commands import JudgeReports, Report, Reported
from rooms.admission import require_taking_part
from rooms.commands import Proposed, Redact
from rooms.model import Lane
from rooms.reports import CaseState, ReportCase, ReportEntry
from rooms.working_set import AuditEntry, Draft, WorkingSet, named, signed

AGAIN: Final = 5


def report(ws: WorkingSet, command: Report) -> Reported:
    by, post = signed(command.by), ws.shown_post(command.post)
    if post.kind.lane is not Lane.PUB:
        raise Refusal("no_post")
    case = ws.cases.get(post.id)
    if (post.id, by) in ws.reports and case is not None:
        return Reported(post.id, case.state, repeated=True)
    if post.author.id == by:
        raise Refusal("bad_state")
    require_taking_part(ws, ws.room(post.room).room, by, command.by.sources)
    ws.reports.add((post.id, by), ReportEntry(post.id, by, command.reason, command.note, command.at))
    if case is None:
        case = ReportCase(post.id, post.room, CaseState.OPEN, command.at)
        ws.cases.add(post.id, case)
    case.reports += 1
    opens = case.state is not CaseState.OPEN and _asks_anew(case, command.reason)
    if opens:
        case.state, case.opened_at = CaseState.OPEN, command.at
    # A crowd that reports one post is told of as it doubles, so that it cannot flood the moderators' lane.
    if opens or (case.state is CaseState.OPEN and case.reports & (case.reports - 1) == 0):
        _tell(ws, case, None, command.at)
    return Reported(post.id, case.state)


def _asks_anew(case: ReportCase, reason: str) -> bool:
    return reason not in case.reasons or case.reports - case.settled >= AGAIN


def judge_reports(ws: WorkingSet, command: JudgeReports) -> Reported:
    by, case = signed(command.by), ws.cases.get(command.post)
    if case is None or command.outcome is CaseState.OPEN:
        raise Refusal("no_post")
    if case.state is not CaseState.OPEN:
        if (case.decided_by, case.state) != (by, command.outcome):
            raise Refusal("decided")
        return Reported(case.post, case.state, repeated=True)
    if command.outcome is CaseState.REDACTED:
        asked = Redact(command.post, command.reason or "reported", command.by, command.at, lasts_ms=command.lasts_ms)
        if isinstance(redact(ws, asked), Proposed):
            # Still shown, so still to be judged: whoever hides it answers the case too.
            return Reported(case.post, case.state)
    reasons = {one.reason for one in ws.reports if one.post == case.post}
    case.state, case.settled, case.reasons = command.outcome, case.reports, tuple(sorted(reasons))
    case.decided_by, case.decided_at, case.note = by, command.at, command.note
    _tell(ws, case, command.by, command.at)
    detail = {"outcome": command.outcome.value, "reports": case.reports}
    ws.audits.append(AuditEntry("moderation:report:judge", by, case.post, detail, command.at))
    return Reported(case.post, case.state)


def _tell(ws: WorkingSet, case: ReportCase, by: Actor | None, at: int) -> None:
    """How many and how it stands; who reported is told to nobody, and so is not in the lane."""
    told: dict[str, Any] = {"reports": case.reports, "state": case.state.value}
    told |= {} if by is None else {"by": named(by)}
    ws.record(Draft(case.room, Lane.MOD, "reported", at, ref=case.post, meta=told))
