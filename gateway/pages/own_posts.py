"""Taking back one's own post."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.forms import needed, read_form, room_id
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import PostId
from kernel.permissions import Action


def routes(services: Services) -> list[Route]:
    async def withdraw(request: Request) -> Response:
        form = await read_form(request)
        await services.posting.withdraw(actor_of(request), PostId(needed(form, "post")))
        return back_to(request, services, f"/rooms/{room_id(request)}#mine", "withdrawn")

    return [GuardedRoute("/rooms/{room}/withdraw", withdraw, action=Action.POST_WITHDRAW, methods=["POST"])]
