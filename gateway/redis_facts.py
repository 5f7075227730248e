"""What a Redis says of itself when asked once: its version, how long an answer takes. For tools beside the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from gateway.redis_link import RedisLink

_ASKED: Final = 5


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """`answer_ms` is the quickest of a few. A Valkey tells the version of Redis it stands for."""

    version: tuple[int, ...]
    answer_ms: float


async def redis_facts(link: RedisLink) -> RedisFacts:
    """Takes a few seconds at most; raises one of the link's `FAULTS`."""
    client = link.client()
    try:
        told = await client.info("server")
        version = tuple(int(part) for part in str(told.get("redis_version", "")).split(".") if part.isdecimal())
        return RedisFacts(version, min([await _asked(client.ping) for _ in range(_ASKED)]))
    finally:
        await client.aclose()


async def _asked(ping: Callable[[], Any]) -> float:
    began = time.perf_counter()
    await ping()
    return (time.perf_counter() - began) * 1000
