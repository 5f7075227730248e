"""Signing out: the session ends everywhere."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import clear_token_cookies, token_of
from gateway.guard import GuardedRoute
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.permissions import Action


def routes(services: Services) -> list[Route]:
    async def sign_out(request: Request) -> Response:
        await services.accounts.sign_out(token_of(request))
        response = back_to(request, services, "/", "signed_out")
        clear_token_cookies(response, services.options, request)
        return response

    return [GuardedRoute("/signout", sign_out, action=Action.SESSION_DELETE, methods=["POST"])]
