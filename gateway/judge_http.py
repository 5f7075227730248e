"""The external judge: one signed HTTP request for each post, one small JSON answer, and nothing believed beyond that.

`X-Wenzheng-Signature: sha256=<hex>` is HMAC-SHA256 with the shared secret over `<timestamp>.<id>.` and the body, where
timestamp and id are those of the headers beside it: whoever checks the age of the one and remembers the other cannot be
told an old post again. Redirects are not followed: the operator chose one address.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import ssl
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Final, Literal
from urllib.parse import SplitResult, urlsplit

import httptools
import orjson
from pydantic import BaseModel, ConfigDict, Field

from kernel.clock import Clock
from moderation.drafts import Context, Draft
from moderation.verdicts import Strength, Verdict
from rooms.model import Reason

NAME: Final = "hook"
ANSWER_BYTES_MAX: Final = 64 * 1024
REASONS_MAX: Final = 10
_READ_BYTES = 16 * 1024
_STRENGTHS = {"admit": Strength.ADMIT, "hold": Strength.HOLD, "refuse": Strength.REFUSE}


class BadAnswer(Exception):
    """Not what was agreed: the post is held."""


class _Why(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    category: Annotated[str, Field(min_length=1, max_length=32)]
    start: Annotated[int | None, Field(ge=0, alias="from")] = None
    end: Annotated[int | None, Field(ge=0, alias="to")] = None
    text: Annotated[str, Field(max_length=100)] | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    verdict: Literal["admit", "hold", "refuse"]
    reasons: Annotated[list[_Why], Field(max_length=REASONS_MAX)] = Field(default_factory=list)


class HttpJudge:
    """A connection for each question: the judge is near, and a connection kept open is one that may be dead."""

    name = NAME

    def __init__(self, url: str, secret: str, clock: Clock) -> None:
        self._at: SplitResult = urlsplit(url)
        self._secret = secret.encode()
        self._clock = clock
        self._tls = ssl.create_default_context() if self._at.scheme == "https" else None

    async def judge(self, draft: Draft, context: Context) -> Verdict | None:
        """Raises for whatever is no answer as agreed; the caller bounds the time."""
        now, number = self._clock.now_ms(), secrets.token_hex(16)
        body = orjson.dumps(
            {
                "id": number,
                "at": now,
                "room": context.room,
                "kind": draft.kind.value,
                # The same author is the same word, and nobody outside can say which one it is.
                "author": self._sign(b"author." + str(draft.author.id).encode())[:16],
                "trust": context.trust.value,
                "body": draft.body,
            }
        )
        signature = self._sign(f"{now}.{number}.".encode() + body)
        headers = {
            "Content-Type": "application/json",
            "X-Wenzheng-Timestamp": str(now),
            "X-Wenzheng-Id": number,
            "X-Wenzheng-Signature": f"sha256={signature}",
        }
        status, answered = await self._post(headers, body)
        if status != 200:
            raise BadAnswer
        return _verdict(answered, len(draft.body))

    def _sign(self, what: bytes) -> str:
        return hmac.new(self._secret, what, sha256).hexdigest()

    async def _post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        at = self._at
        port = at.port or (443 if self._tls else 80)
        reader, writer = await asyncio.open_connection(at.hostname, port, ssl=self._tls)
        try:
            path = (at.path or "/") + (f"?{at.query}" if at.query else "")
            told = {"Host": at.netloc.rpartition("@")[2], "Content-Length": str(len(body)), "Connection": "close"}
            lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**told, **headers}.items())]
            writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
            await writer.drain()
            return await _read(reader)
        finally:
            # Not waited for: the other side may never close.
            writer.transport.abort()


class _Reading:
    """What the parser has told so far."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.complete = False

    def on_body(self, part: bytes) -> None:
        self.body += part
        if len(self.body) > ANSWER_BYTES_MAX:
            raise BadAnswer

    def on_message_complete(self) -> None:
        self.complete = True


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    reading = _Reading()
    parser = httptools.HttpResponseParser(reading)
    left = 2 * ANSWER_BYTES_MAX  # heads and chunk marks beside the body
    while not reading.complete:
        part = await reader.read(_READ_BYTES)
        left -= len(part)
        if not part or left < 0:
            raise BadAnswer
        parser.feed_data(part)
    return parser.get_status_code(), bytes(reading.body)


def _verdict(answered: bytes, length: int) -> Verdict:
    answer = _Answer.model_validate(orjson.loads(answered))
    reasons = tuple(_reason(why, length) for why in answer.reasons)
    if not reasons and answer.verdict != "admit":
        reasons = (Reason(NAME, category="unexplained"),)
    return Verdict(_STRENGTHS[answer.verdict], reasons)


def _reason(why: _Why, length: int) -> Reason:
    """A place that is none in this text is a mistake of the judge's: told without one."""
    placed = why.start is not None and why.end is not None and why.start < why.end <= length
    return Reason(
        NAME,
        category=why.category,
        term=why.text,
        start=why.start if placed else None,
        end=why.end if placed else None,
    )
