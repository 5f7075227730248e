"""Who is asking over HTTP: a bearer token or a cookie, read by the one verifier that sockets use too."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from accounts.handlers import Accounts, Verified
from gateway.engine.addresses import prefix_of
from gateway.options import GatewayOptions
from kernel.permissions import VISITOR, Actor
from kernel.refusals import Refusal

SESSION_COOKIE = "wz_session"
GUEST_COOKIE = "wz_guest"
DEVICE_COOKIE = "wz_device"
_DEVICE_AGE_S = 180 * 86_400
# Answered without looking at who asks, so that they work while the store is away.
_OPEN_PATHS = ("/static/", "/healthz", "/readyz", "/metrics")
# Calls by which one becomes somebody: who one was, and is no more, does not stand in their way.
_ANEW = frozenset({"/api/v1/session", "/api/v1/guests"})
_TOKEN_MAX = 400


class Shown(StrEnum):
    """How the token came; only what a browser adds by itself needs a CSRF proof."""

    NOTHING = "nothing"
    BEARER = "bearer"
    SESSION_COOKIE = "session_cookie"
    GUEST_COOKIE = "guest_cookie"

    @property
    def is_cookie(self) -> bool:
        return self in {Shown.SESSION_COOKIE, Shown.GUEST_COOKIE}


class Authentication:
    """Puts `actor`, `verified`, `token` and `shown` into the request's state.

    A bearer token that does not verify is refused, and so is a cookie on the API. On a page, and where one becomes
    somebody anew, a stale cookie makes a visitor (or the guest one is beside it): whoever was signed out yesterday may
    still read today, and start again.
    """

    def __init__(self, app: ASGIApp, accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            state.update(actor=VISITOR, verified=None, token=None, shown=Shown.NOTHING)
            if not scope["path"].startswith(_OPEN_PATHS):
                await self._recognise(Request(scope))
        await self._app(scope, receive, send)

    async def _recognise(self, request: Request) -> None:
        bearer = _bearer(request.headers)
        if bearer is not None:
            self._remember(request, Shown.BEARER, bearer, await self._accounts.verify(bearer))
            return
        path = request.url.path
        tolerant = not path.startswith("/api/") or (request.method == "POST" and path in _ANEW)
        for shown, name in ((Shown.SESSION_COOKIE, SESSION_COOKIE), (Shown.GUEST_COOKIE, GUEST_COOKIE)):
            token = request.cookies.get(name)
            if not token:
                continue
            try:
                verified = await self._accounts.verify(token[: _TOKEN_MAX + 1])
            except Refusal as refusal:
                if tolerant and refusal.code.status == 401:
                    continue
                raise
            self._remember(request, shown, token, verified)
            return

    def _remember(self, request: Request, shown: Shown, token: str, verified: Verified) -> None:
        actor = self._accounts.at(verified.actor, prefix_of(request.state.client_address))
        request.scope["state"].update(actor=actor, verified=verified, token=token, shown=shown)


def actor_of(request: Request) -> Actor:
    actor: Actor = getattr(request.state, "actor", VISITOR)
    return actor


def token_of(request: Request) -> str:
    """The token shown; `unauthenticated` without one."""
    token: str | None = getattr(request.state, "token", None)
    if token is None:
        raise Refusal("unauthenticated")
    return token


def create_guest(accounts: Accounts, request: Request, name: str | None) -> tuple[str, Verified]:
    """A guest in this browser, which is known again by a cookie of its own; `set_token_cookie` hands both out."""
    device = request.cookies.get(DEVICE_COOKIE, "")
    if accounts.sources.claim(device) is None:
        device = accounts.sources.new_cookie()
    request.state.device = device
    token, verified = accounts.create_guest(name, device)
    return token, replace(verified, actor=accounts.at(verified.actor, prefix_of(request.state.client_address)))


def set_token_cookie(
    response: Response, options: GatewayOptions, request: Request, token: str, verified: Verified, now: int
) -> None:
    """Signs the browser in: staff by session cookie, which ends any guest it was; guests by their own cookie."""
    secure = is_secure(options, request)
    name = SESSION_COOKIE if verified.session_hash is not None else GUEST_COOKIE
    age = max(0, (verified.expires_at - now) // 1000)
    response.set_cookie(name, token, max_age=age, path="/", secure=secure, httponly=True, samesite="lax")
    device: str | None = getattr(request.state, "device", None)
    if name == GUEST_COOKIE and device is not None:
        age = _DEVICE_AGE_S
        response.set_cookie(DEVICE_COOKIE, device, max_age=age, path="/", secure=secure, httponly=True, samesite="lax")
    if name == SESSION_COOKIE and GUEST_COOKIE in request.cookies:
        response.delete_cookie(GUEST_COOKIE, path="/", secure=secure, httponly=True, samesite="lax")


def clear_token_cookies(response: Response, options: GatewayOptions, request: Request) -> None:
    secure = is_secure(options, request)
    for name in (SESSION_COOKIE, GUEST_COOKIE):
        if name in request.cookies:
            response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


def is_secure(options: GatewayOptions, request: Request) -> bool:
    return options.public_origin.startswith("https://") or request.url.scheme == "https"


def _bearer(headers: Headers) -> str | None:
    """The token of an Authorization header; None without one, `unauthenticated` for any other scheme."""
    values = headers.getlist("authorization")
    if not values:
        return None
    scheme, _, token = values[0].partition(" ")
    token = token.strip()
    if len(values) > 1 or scheme.lower() != "bearer" or not token or len(token) > _TOKEN_MAX:
        raise Refusal("unauthenticated")
    return token
