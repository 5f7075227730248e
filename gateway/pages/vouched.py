"""To the city's own portal and back: the browser brings a code, never what the portal says of its owner."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from accounts.vouching import Vouching
from gateway.auth import actor_of, is_secure, set_token_cookie
from gateway.guard import GuardedRoute
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import RoomId
from kernel.permissions import Action
from kernel.refusals import Refusal

COOKIE = "wz_vouch"
_PATH = "/signin/vouched"
# As long as somebody may take at the portal.
_SECONDS = 900
_ROOM = re.compile(r"[0-9a-z]{26}")


def routes(services: Services) -> list[Route]:
    async def begin(request: Request) -> Response:
        """A state of this browser's own, kept in a cookie: a code is worth nothing in any other."""
        _needed(services)
        room = request.query_params.get("room", "")
        if room and not _ROOM.fullmatch(room):
            raise Refusal("no_room")
        state = secrets.token_urlsafe(24)
        response = RedirectResponse(_address(services.options.portal.url, state, room), status_code=303)
        secure = is_secure(services.options, request)
        begun = f"{state}.{room}"
        response.set_cookie(COOKIE, begun, max_age=_SECONDS, path=_PATH, secure=secure, httponly=True, samesite="lax")
        return response

    async def back(request: Request) -> Response:
        """The portal sent the browser back. Answered by a redirect: the code stands in no address that stays."""
        vouching = _needed(services)
        begun, _, place = request.cookies.get(COOKIE, "").partition(".")
        room = RoomId(place) if _ROOM.fullmatch(place) else None
        onward = "/" if room is None else f"/rooms/{room}#ask"
        state = request.query_params.get("state", "")
        if not begun or not secrets.compare_digest(begun.encode(), state.encode()):
            if actor_of(request).verified:
                # Somebody who is in already and went back a page.
                return back_to(request, services, onward)
            raise Refusal("no_voucher")
        await services.throttle.spend("guest", request.state.client_address)
        token, verified = await vouching.redeem(request.query_params.get("code", ""), state, room)
        response = back_to(request, services, onward, "signed_in")
        set_token_cookie(response, services.options, request, token, verified, services.clock.now_ms())
        secure = is_secure(services.options, request)
        response.delete_cookie(COOKIE, path=_PATH, secure=secure, httponly=True, samesite="lax")
        return response

    return [
        GuardedRoute(_PATH, begin, action=Action.GUEST_CREATE, name="vouched_begin"),
        GuardedRoute(f"{_PATH}/back", back, action=Action.GUEST_CREATE, name="vouched_back"),
    ]


def _needed(services: Services) -> Vouching:
    if services.vouching is None or not services.options.portal.url:
        raise Refusal("not_found")
    return services.vouching


def _address(portal: str, state: str, room: str) -> str:
    asked = {"state": state, **({"room": room} if room else {})}
    return f"{portal}{'&' if '?' in portal else '?'}{urlencode(asked)}"
