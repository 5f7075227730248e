"""The calls about reports: a viewer makes one, moderators list the cases and judge them."""

from __future__ import annotations

from gateway.endpoints import Call
from gateway.schemas import Items
from gateway.schemas_redress import CaseShown, NewReport, ReportJudgement, ReportsQuery
from kernel.ids import PostId, RoomId
from moderation.report_commands import Reported
from rooms.reports import CaseState


async def report_post(call: Call, post: str, body: NewReport) -> CaseShown:
    """Asks that a published post be looked at; it hides nothing by itself."""
    return _shown(await call.services.posting.reports.make(call.actor, PostId(post), body.reason, body.note))


async def list_reports(call: Call, query: ReportsQuery) -> Items:
    """Reported posts, a case each: open ones oldest first, judged ones newest first. Never who reported."""
    room = None if query.room is None else RoomId(query.room)
    reports = call.services.posting.reports
    items, after = await reports.listed(call.actor, room, query.state, query.cursor, query.limit)
    return Items(items=items, next=after)


async def judge_reports(call: Call, post: str, body: ReportJudgement) -> CaseShown:
    """Dismisses what was reported, or hides the post."""
    outcome = CaseState(body.outcome)
    reports = call.services.posting.reports
    return _shown(await reports.judge(call.actor, PostId(post), outcome, body.reason, body.note))


def _shown(made: Reported) -> CaseShown:
    return CaseShown(post=made.post, state=made.state.value)
