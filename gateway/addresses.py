"""Whose address a request comes from, and which origin is ours; forwarding headers count only from trusted proxies."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.engine.addresses import client_address, is_trusted
from gateway.options import GatewayOptions

# What may stand in a Host header we repeat in our own answers.
_HOST = re.compile(r"(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.IGNORECASE)
# No honest chain is longer; a forged one must not cost us time.
_HOPS_MAX = 16


def own_origin(options: GatewayOptions, scope: Scope) -> str:
    """The origin pages and links are served from: configured, or what the Host header says. "" when it says nothing."""
    if options.public_origin:
        return options.public_origin.rstrip("/")
    host = Headers(scope=scope).get("host", "")
    return f"{scope.get('scheme', 'http')}://{host.lower()}" if _HOST.fullmatch(host) else ""


class ClientAddress:
    """Puts `client_address` into the request's state, and takes the scheme from a trusted proxy."""

    def __init__(self, app: ASGIApp, options: GatewayOptions) -> None:
        self._app = app
        self._trusted = options.trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            peer = str((scope.get("client") or ("unknown",))[0])
            hops = [hop.encode("latin-1") for value in headers.getlist("x-forwarded-for") for hop in value.split(",")]
            state = scope.setdefault("state", {})
            state["client_address"] = client_address(peer, hops[-_HOPS_MAX:], self._trusted)
            if headers.get("x-forwarded-proto") in {"http", "https"} and is_trusted(peer, self._trusted):
                scope["scheme"] = headers["x-forwarded-proto"]
        await self._app(scope, receive, send)
