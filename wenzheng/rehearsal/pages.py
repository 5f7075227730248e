"""The room's page as a browser asks for it first: over HTTP, without a session, on a thread."""

from __future__ import annotations

import asyncio
import http.client
from typing import Final
from urllib.parse import urlsplit

from wenzheng.conformance.target import Target

ANSWER_S: Final = 15.0
PAGE_MAX: Final = 8 * 2**20


async def read_page(target: Target, room: str) -> int:
    """The status, once all of it is here; 0 where nobody answers."""
    return await asyncio.to_thread(_read, target, f"/rooms/{room}")


def _read(target: Target, path: str) -> int:
    parts = urlsplit(target.http)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_S)
    try:
        connection.request("GET", path, headers={"Accept": "text/html", "Accept-Encoding": "gzip, br"})
        answer = connection.getresponse()
        answer.read(PAGE_MAX)
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
