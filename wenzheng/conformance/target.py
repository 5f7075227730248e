"""Where the server under test is, and HTTP to it: the standard library's client on threads."""

from __future__ import annotations

import asyncio
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from wenzheng.conformance.verdict import Refused, Unreachable

ANSWER_S = 15.0
ANSWER_MAX = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Target:
    """`http` is `scheme://host:port`; `ws` is the address of the socket."""

    http: str
    ws: str

    @property
    def loopback(self) -> bool:
        return urlsplit(self.http).hostname in ("127.0.0.1", "::1", "localhost")


def target_of(url: str) -> Target:
    """Raises ValueError for what is no plain http or https address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address must begin with http:// or https:// and name a host")
    if parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("the address is the server's alone: scheme, host and port")
    parts.port  # noqa: B018 - raises ValueError for a port that is none
    secure = "s" if parts.scheme == "https" else ""
    return Target(f"http{secure}://{parts.netloc}", f"ws{secure}://{parts.netloc}/ws")


@dataclass(frozen=True, slots=True)
class Api:
    """The HTTP side, for one token."""

    target: Target
    token: str | None = None

    async def call(self, method: str, path: str, body: object | None = None) -> Any:
        """The decoded answer; `Refused` for problem+json, `Unreachable` where nobody answers as a server of ours."""
        status, raw = await asyncio.to_thread(self._exchange, method, "/api/v1" + path, body)
        try:
            answer = json.loads(raw) if raw else None
        except ValueError:
            raise Unreachable(f"{method} {path}: {status}, and no JSON") from None
        if status >= http.client.BAD_REQUEST:
            code = answer.get("code") if isinstance(answer, dict) else None
            raise Refused(str(code or status), answer if isinstance(answer, dict) else {})
        return answer

    async def get(self, path: str) -> Any:
        return await self.call("GET", path)

    async def post(self, path: str, body: object | None = None) -> Any:
        return await self.call("POST", path, {} if body is None else body)

    def _exchange(self, method: str, path: str, body: object | None) -> tuple[int, bytes]:
        parts = urlsplit(self.target.http)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_S)
        headers = {"Accept": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        payload = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            payload = json.dumps(body).encode()
        try:
            connection.request(method, path, payload, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(ANSWER_MAX)
        except (OSError, http.client.HTTPException) as fault:
            raise Unreachable(f"{self.target.http} does not answer: {fault}") from None
        finally:
            connection.close()
