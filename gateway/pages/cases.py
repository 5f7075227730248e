"""申诉与举报: what authors ask to be looked at again, and what viewers reported, a card each, by plain forms."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.forms import needed, number, read_form, text
from gateway.pages.moderation import RULES
from gateway.pages.rendering import render, sentence_of
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import PostId
from kernel.permissions import Action, require
from kernel.refusals import Refusal
from moderation.evidence_commands import SealOpened
from rooms.appeals import AppealState
from rooms.reports import CaseState

Outcome = TypeVar("Outcome", AppealState, CaseState)
_LISTED = 100
CASES = "/moderation/cases"


class Draft(NamedTuple):
    """What was typed into the form of one card: an appeal's, a reported post's, or the one that opens a seal."""

    of: str
    words: str
    reason: str | None = None


NO_DRAFT = Draft("", "")


def routes(services: Services) -> list[Route]:
    async def cases(request: Request) -> Response:
        return await show_cases(request, services)

    async def appeal(request: Request) -> Response:
        form = await read_form(request)
        outcome = _one_of(AppealState, needed(form, "outcome"))
        try:
            await services.review.appeals.decide(actor_of(request), needed(form, "appeal"), outcome, text(form, "note"))
        except Refusal as refusal:
            return await show_cases(request, services, refusal, draft=Draft(needed(form, "appeal"), text(form, "note")))
        return back_to(request, services, CASES, "decided")

    async def report(request: Request) -> Response:
        form = await read_form(request)
        outcome = _one_of(CaseState, needed(form, "outcome"))
        reason = text(form, "reason") if outcome is CaseState.REDACTED else None
        post = PostId(needed(form, "post"))
        try:
            judged = await services.posting.reports.judge(actor_of(request), post, outcome, reason, text(form, "note"))
        except Refusal as refusal:
            return await show_cases(request, services, refusal, draft=Draft(post, text(form, "note"), reason))
        return back_to(request, services, CASES, "proposed" if judged.state is CaseState.OPEN else "decided")

    async def evidence(request: Request) -> Response:
        # Asked before the opening is recorded: who may not see the cards would be told nothing of what they opened.
        require(actor_of(request), Action.APPEAL_DECIDE)
        require(actor_of(request), Action.REPORT_JUDGE)
        form = await read_form(request)
        post, ver = PostId(needed(form, "post")), number(form, "ver")
        try:
            opened = await services.review.evidence.open(actor_of(request), post, ver, text(form, "why"))
        except Refusal as refusal:
            return await show_cases(request, services, refusal, draft=Draft(f"evidence:{post}", text(form, "why")))
        return await show_cases(request, services, opened=opened)

    return [
        GuardedRoute(f"{CASES}/evidence", evidence, action=Action.EVIDENCE_OPEN, methods=["POST"]),
        GuardedRoute(CASES, cases, action=(Action.APPEAL_DECIDE, Action.REPORT_JUDGE)),
        GuardedRoute(f"{CASES}/appeal", appeal, action=Action.APPEAL_DECIDE, methods=["POST"]),
        GuardedRoute(f"{CASES}/report", report, action=Action.REPORT_JUDGE, methods=["POST"]),
    ]


def _one_of(kind: type[Outcome], value: str) -> Outcome:
    try:
        return kind(value)
    except ValueError:
        raise Refusal("bad_request", field="outcome") from None


async def show_cases(
    request: Request,
    services: Services,
    refusal: Refusal | None = None,
    opened: SealOpened | None = None,
    draft: Draft = NO_DRAFT,
) -> Response:
    """Also where a form of another part of the page was refused.

    `opened` is shown this once, on its card; after a refused form its words are kept.
    """
    actor = actor_of(request)
    appeals, _ = await services.review.appeals.listed(actor, None, AppealState.OPEN.value, None, _LISTED)
    reports, _ = await services.posting.reports.listed(actor, None, CaseState.OPEN.value, None, _LISTED)
    hidings, _ = await services.review.proposals.listed(actor, None)
    titles = {room.id: room.title for room in (await services.store.rooms(None, None, _LISTED))[0]}
    return render(
        request,
        "cases.html",
        status=200 if refusal is None else refusal.code.status,
        here="cases",
        appeals=appeals,
        reports=reports,
        hidings=hidings,
        titles=titles,
        rules=RULES,
        opened=opened,
        draft=draft,
        refused=None if refusal is None else sentence_of(request, refusal),
    )
