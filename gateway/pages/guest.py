"""The guest's own token for the page's script: a socket is never opened by a cookie (contract §4)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.auth import Shown, token_of
from gateway.guard import GuardedRoute
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal


def routes(services: Services) -> list[Route]:
    async def guest_token(request: Request) -> Response:
        # A staff session's token never leaves its cookie: staff take a ticket.
        if request.state.shown is not Shown.GUEST_COOKIE:
            raise Refusal("forbidden")
        return JSONResponse({"token": token_of(request)}, headers={"cache-control": "no-store"})

    return [GuardedRoute("/guest/token", guest_token, action=Action.ME_READ, methods=["POST"])]
