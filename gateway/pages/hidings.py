"""What waits for a second person, by plain forms: agreed to, declined, or withdrawn by who proposed it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.cases import CASES, show_cases
from gateway.pages.forms import needed, number, read_form
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import PostId
from kernel.permissions import Action
from kernel.refusals import Refusal


def routes(services: Services) -> list[Route]:
    async def hiding(request: Request) -> Response:
        form, actor = await read_form(request), actor_of(request)
        post, proposal, outcome = PostId(needed(form, "post")), number(form, "proposal"), needed(form, "outcome")
        if outcome not in ("confirmed", "declined"):
            raise Refusal("bad_request", field="outcome")
        try:
            if outcome == "confirmed":
                await services.rooms.redact(actor, post, needed(form, "reason"), proposal)
            else:
                await services.review.proposals.decline(actor, post, proposal, None)
        except Refusal as refusal:
            return await show_cases(request, services, refusal)
        return back_to(request, services, CASES, "redacted" if outcome == "confirmed" else "decided")

    # Of the page where it stands; that one may hide is asked by who does it.
    return [GuardedRoute(f"{CASES}/hiding", hiding, action=Action.REPORT_JUDGE, methods=["POST"])]
