"""A server with known passwords answers only on its own machine: 421 to a foreign Host or any forwarding header."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.engine.origins import is_misdirected
from kernel.refusals import Refusal


class DemoGuard:
    """Refuses `misdirected` whatever did not come straight from this machine; the engine does the same for sockets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            if len(hosts) > 1 or is_misdirected(dict(scope["headers"])):
                raise Refusal("misdirected")
        await self._app(scope, receive, send)
