"""Request bodies within bounds of size, time and depth, and JSON read strictly."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.options import Limits
from kernel.refusals import Refusal


class BodyLimits:
    """Refuses `too_large` a body that says or turns out to be too long, and cuts off one that does not arrive."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._bytes = limits.http_body_bytes
        self._seconds = limits.http_body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not (announced.isascii() and announced.isdigit()):
            raise Refusal("bad_request", field="content-length")
        if len(announced) > 15 or int(announced) > self._bytes:
            raise Refusal("too_large")
        await self._app(scope, _Bounded(receive, self._bytes, self._seconds), send)


class _Bounded:
    """A `receive` that counts; the clock starts with the first read and stops with the last part of the body."""

    __slots__ = ("_deadline", "_left", "_receive", "_seconds")

    def __init__(self, receive: Receive, size: int, seconds: float) -> None:
        self._receive = receive
        self._left = size
        self._seconds = seconds
        self._deadline: float | None = 0.0

    async def __call__(self) -> Message:
        if self._deadline is None:
            return await self._receive()
        self._deadline = self._deadline or asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise Refusal("bad_request", field="body") from None
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise Refusal("too_large")
            if not message.get("more_body", False):
                # What comes after is the wait for a disconnect, which has no hurry.
                self._deadline = None
        return message


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
