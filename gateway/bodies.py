"""Request bodies within bounds of size and depth, and JSON read strictly."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.options import Limits
from kernel.refusals import Refusal


class BodyLimits:
    """Refuses `too_large` a body that says or turns out to be too long. How long it may take is the engine's."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._bytes = limits.http_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not (announced.isascii() and announced.isdigit()):
            raise Refusal("bad_request", field="content-length")
        if len(announced) > 15 or int(announced) > self._bytes:
            raise Refusal("too_large")
        left = self._bytes

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            if message["type"] == "http.request":
                left -= len(message.get("body", b""))
                if left < 0:
                    raise Refusal("too_large")
            return message

        await self._app(scope, bounded, send)


async def read_json(request: Request, depth: int) -> Any:
    """The decoded body; {} when nothing was sent. `bad_request` for another type, bad UTF-8, bad or deep JSON."""
    raw = await request.body()
    if not raw:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Refusal("bad_request", field="content-type")
    try:
        decoded = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refusal("bad_request", field="body") from None
    if deeper_than(decoded, depth):
        raise Refusal("bad_request", field="body")
    return decoded


def deeper_than(value: Any, depth: int) -> bool:
    """Whether lists and maps are nested in more than `depth` levels."""
    if not isinstance(value, dict | list):
        return False
    if depth == 0:
        return True
    inner = value.values() if isinstance(value, dict) else value
    return any(deeper_than(part, depth - 1) for part in inner)
