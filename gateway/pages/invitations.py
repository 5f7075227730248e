"""入座: a signed-in member of the invited department takes a seat by code, or by the link's secret."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.forms import needed, read_form
from gateway.pages.rendering import render, sentence_of
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal


def routes(services: Services) -> list[Route]:
    async def invitation(request: Request) -> Response:
        return RedirectResponse("/signin#seat-h", status_code=303)

    async def accept(request: Request) -> Response:
        form = await read_form(request)
        code = needed(form, "code")
        try:
            room = await services.rooms.accept(actor_of(request), code)
        except Refusal as refusal:
            status, sentence = refusal.code.status, sentence_of(request, refusal)
            empty = {"demo_accounts": (), "next": "", "username": ""}
            return render(request, "signin.html", status=status, code=code[:64], refused=sentence, **empty)
        return back_to(request, services, f"/desk/rooms/{room.id}", "seated")

    return [
        GuardedRoute("/invitations", invitation, action=Action.SESSION_CREATE),
        GuardedRoute("/invitations", accept, action=Action.SEAT_TAKE, methods=["POST"]),
    ]
