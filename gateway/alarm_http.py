"""Alarms of the review desk as signed HTTP requests, to whoever wakes somebody."""

from __future__ import annotations

import asyncio
from typing import Final

import orjson

from gateway.signed_post import BadAnswer, SignedPost
from kernel.clock import Clock
from moderation.alarms import AlarmWord

TIMEOUT_S: Final = 5.0


class HttpAlarm:
    """Numbers only: no text, no name, no room goes out."""

    def __init__(self, url: str, secret: str, clock: Clock, *, timeout_s: float = TIMEOUT_S) -> None:
        self._line = SignedPost(url, secret)
        self._clock = clock
        self._timeout_s = timeout_s

    async def tell(self, word: AlarmWord) -> None:
        """Raises unless the other side answers with a status of 200 to 299 in time."""
        body = orjson.dumps({"id": word.id, **word.to_wire()})
        async with asyncio.timeout(self._timeout_s):
            status, _ = await self._line.post(self._clock.now_ms(), word.id, body)
        if not 200 <= status < 300:
            raise BadAnswer
