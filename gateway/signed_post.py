"""One signed HTTP request to an address the operator chose, and one small answer, of which nothing is believed yet.

`X-Wenzheng-Signature: sha256=<hex>` is HMAC-SHA256 with the shared secret over `<timestamp>.<id>.` and the body, where
timestamp and id are those of the headers beside it: whoever checks the age of the one and remembers the other cannot be
told an old thing again. Redirects are not followed: the operator chose one address.
"""

from __future__ import annotations

import asyncio
import hmac
import ssl
from collections.abc import Mapping
from hashlib import sha256
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httptools

ANSWER_BYTES_MAX: Final = 64 * 1024
_READ_BYTES = 16 * 1024


class BadAnswer(Exception):
    """Not what was agreed."""


class SignedPost:
    """A connection for each request: the other side is near, and a connection kept open is one that may be dead."""

    def __init__(self, url: str, secret: str) -> None:
        self._at: SplitResult = urlsplit(url)
        self._secret = secret.encode()
        self._tls = ssl.create_default_context() if self._at.scheme == "https" else None

    def sign(self, what: bytes) -> str:
        """Hexadecimal."""
        return hmac.new(self._secret, what, sha256).hexdigest()

    async def post(self, now: int, number: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to this JSON. Raises for whatever is none; the caller bounds the time.

        `now` in milliseconds; `number` names what is said, in letters and digits, `-` and `_`.
        """
        headers = {
            "Content-Type": "application/json",
            "X-Wenzheng-Timestamp": str(now),
            "X-Wenzheng-Id": number,
            "X-Wenzheng-Signature": f"sha256={self.sign(f'{now}.{number}.'.encode() + body)}",
        }
        return await self._send(headers, body)

    async def _send(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
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
    """What the parser has told so far; `open_ended`: the end of the connection is the end of the body, and no loss."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.complete = False
        self.open_ended = False
        self._measured = False

    def on_header(self, name: bytes, _: bytes) -> None:
        self._measured |= name.lower() in (b"content-length", b"transfer-encoding")

    def on_headers_complete(self) -> None:
        self.open_ended = not self._measured

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
        if not part and reading.open_ended:
            break
        if not part or left < 0:
            raise BadAnswer
        parser.feed_data(part)
    return parser.get_status_code(), bytes(reading.body)
