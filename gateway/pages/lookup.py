"""查询码: a guest takes one from 我的提问, and reads with it elsewhere what became of the own posts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.forms import read_form, text
from gateway.pages.my import show_looked_up, show_my
from gateway.pages.rendering import render, sentence_of
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal


def routes(services: Services) -> list[Route]:
    async def make(request: Request) -> Response:
        actor = actor_of(request)
        await services.throttle.spend("lookup", request.state.client_address)
        code = await services.lookups.make(actor)
        # Not by a redirect: the code would have to travel in an address or a cookie.
        return _private(await show_my(request, services, code=code))

    async def page(request: Request) -> Response:
        return render(request, "lookup.html", here="my")

    async def look_up(request: Request) -> Response:
        form = await read_form(request)
        try:
            await services.throttle.spend("lookup", request.state.client_address)
            user = await services.lookups.whose(text(form, "code"))
        except Refusal as refusal:
            status, said = refusal.code.status, sentence_of(request, refusal)
            return _private(render(request, "lookup.html", status=status, here="my", refused=said))
        return _private(await show_looked_up(request, services, user))

    return [
        GuardedRoute("/my/code", make, action=Action.LOOKUP_MAKE, methods=["POST"], name="lookup_make"),
        GuardedRoute("/my/lookup", page, action=Action.LOOKUP_USE, name="lookup_page"),
        GuardedRoute("/my/lookup", look_up, action=Action.LOOKUP_USE, methods=["POST"], name="look_up"),
    ]


def _private(response: Response) -> Response:
    """A computer in a library keeps nothing of it."""
    response.headers["cache-control"] = "no-store"
    return response
