"""Nobody else's page may act with our cookies: proofs of same origin for pages, a derived token for the API."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.auth import Shown
from gateway.engine.origins import may_open
from gateway.options import GatewayOptions
from kernel.refusals import Refusal

HEADER = "x-csrf-token"
FIELD = "csrf"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PURPOSE = b"wenzheng csrf 1"


def csrf_token(request: Request) -> str:
    """What forms carry in the hidden field `csrf` and scripts in the header; "" for whoever shows no cookie."""
    token: str | None = getattr(request.state, "token", None)
    if token is None or not Shown(request.state.shown).is_cookie:
        return ""
    return derived(token)


def derived(token: str) -> str:
    """Keyed by the session's own token: worthless without it, and gone with it."""
    return hmac.new(token.encode("utf-8", "replace"), _PURPOSE, hashlib.sha256).hexdigest()


class CsrfGuard:
    """Refuses `bad_csrf` every change that a foreign page could have caused.

    A browser that says where a change comes from (Origin, Sec-Fetch-Site) must name us, with or without a cookie: so
    nobody is signed in as somebody else either. With a cookie, the API wants its header besides, and a form of a
    browser that says nothing its hidden field. Bearer tokens are added by no browser on its own.
    """

    def __init__(self, app: ASGIApp, options: GatewayOptions) -> None:
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _SAFE or scope["state"]["shown"] is Shown.BEARER:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        said = self._same_origin(scope, headers)
        if said is False:
            raise Refusal("bad_csrf")
        if scope["state"]["shown"].is_cookie:
            receive = await self._prove(scope, headers, receive, said is True)
        await self._app(scope, receive, send)

    def _same_origin(self, scope: Scope, headers: Headers) -> bool | None:
        """What the browser says: True or False, None where it says nothing."""
        origin = headers.get("origin")
        if origin is not None:
            return may_open(
                origin.encode("latin-1"),
                headers.get("host", "").encode("latin-1"),
                scope.get("scheme", "http"),
                self._options.public_origin,
                self._options.allowed_origins,
            )
        site = headers.get("sec-fetch-site")
        return None if site is None else site in {"same-origin", "none"}

    async def _prove(self, scope: Scope, headers: Headers, receive: Receive, said: bool) -> Receive:
        expected = derived(scope["state"]["token"])
        if scope["path"].startswith("/api/"):
            _compare(headers.get(HEADER), expected)
            return receive
        if said:
            return receive
        body = await Request(scope, receive).body()
        form = parse_qs(body.decode("utf-8", "replace"), max_num_fields=200) if body else {}
        _compare(headers.get(HEADER) or form.get(FIELD, [""])[0], expected)
        return _Replay(body, receive)


class _Replay:
    """Gives a body that was already read once more to whoever parses the form."""

    __slots__ = ("_body", "_receive")

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def _compare(shown: str | None, expected: str) -> None:
    if not hmac.compare_digest((shown or "").encode("utf-8", "replace"), expected.encode()):
        raise Refusal("bad_csrf")
