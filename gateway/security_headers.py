"""What every answer forbids the browser: inline code, foreign frames, guessing types, keeping private answers."""

from __future__ import annotations

from functools import lru_cache

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.addresses import own_origin
from gateway.options import GatewayOptions
from kernel.permissions import VISITOR

_FIXED = {
    "x-content-type-options": "nosniff",
    # Not "no-referrer": that would make browsers send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_HSTS = "max-age=31536000"
_STATIC = "/static/"


class SecurityHeaders:
    """Adds the headers; what was answered to somebody signed in, or by the API, is never stored on the way."""

    def __init__(self, app: ASGIApp, options: GatewayOptions) -> None:
        self._app = app
        self._options = options
        self._https = options.public_origin.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(scope, MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, with_headers)

    def _add(self, scope: Scope, headers: MutableHeaders) -> None:
        for name, value in _FIXED.items():
            headers.setdefault(name, value)
        headers["content-security-policy"] = content_security_policy(own_origin(self._options, scope))
        if self._https:
            headers["strict-transport-security"] = _HSTS
        path = scope["path"]
        if path.startswith(_STATIC):
            return
        if path.startswith("/api/") or scope.get("state", {}).get("actor", VISITOR) is not VISITOR:
            headers["cache-control"] = "no-store"
        else:
            headers.setdefault("cache-control", "no-cache")
            if "cookie" not in headers.get("vary", "").lower():
                headers.add_vary_header("Cookie")


@lru_cache(maxsize=64)
def content_security_policy(origin: str) -> str:
    """No inline script or style, nothing from elsewhere; sockets to our own origin, named for browsers whose 'self'

    does not cover them.
    """
    socket = f" {'wss' if origin.startswith('https') else 'ws'}://{origin.partition('://')[2]}" if origin else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self'{socket}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
