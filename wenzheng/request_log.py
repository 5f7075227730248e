"""One entry for each HTTP request: who, what, how it ended and how long it took; never a query string or a header."""

from __future__ import annotations

import logging
import re
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Probes come every second and would bury everything else.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})

# The code in this path lets a department in.
_SPOKEN = re.compile(r"(/invitations/)[^/]+")

# Longer than any path of ours: a head may be full of one, and the log is not the place for it.
_PATH_MAX = 200

_log = logging.getLogger("wenzheng.request")


class RequestLog:
    """Wraps the whole application, so that what middlewares refuse is seen too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _QUIET or not _log.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, watched)
        finally:
            state = scope.get("state") or {}
            client = state.get("client_address") or str((scope.get("client") or ("unknown",))[0])
            path = _SPOKEN.sub(r"\1…", scope["path"])[:_PATH_MAX]
            took = round((time.perf_counter() - started) * 1000, 1)
            fields = {"method": scope["method"], "path": path, "status": status, "ms": took, "client": client}
            _log.info("request", extra=fields)
