"""Where a request comes from, and which origin our own pages and links are served from."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.options import GatewayOptions

# What may stand in a Host header we repeat in our own answers.
_HOST = re.compile(r"(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.IGNORECASE)


def own_origin(options: GatewayOptions, scope: Scope) -> str:
    """The origin pages and links are served from: configured, or what the Host header says. "" when it says nothing."""
    if options.public_origin:
        return options.public_origin.rstrip("/")
    host = Headers(scope=scope).get("host", "")
    return f"{scope.get('scheme', 'http')}://{host.lower()}" if _HOST.fullmatch(host) else ""


class ClientAddress:
    """Puts `client_address` into the request's state: the engine has already believed trusted proxies, nobody else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})["client_address"] = str((scope.get("client") or ("unknown",))[0])
        await self._app(scope, receive, send)
