"""How this node reaches Redis: with time-outs, so that one that hangs holds nobody up; its password is never said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

# The library's defaults wait for most of a minute; nothing here is worth a second more.
CONNECT_S: Final = 1.0
ANSWER_S: Final = 1.0
# A pooled connection may be dead without knowing: once more over a new one, then the answer is no.
RETRIES: Final = 1
MAX_CONNECTIONS: Final = 8


@dataclass(frozen=True, slots=True)
class RedisLink:
    """One Redis, and the prefix of every key and channel of this deployment there; several may share a Redis."""

    url: str
    prefix: str = "wz"

    def __repr__(self) -> str:
        return f"RedisLink({self.shown})"

    @property
    def shown(self) -> str:
        """The address as it may stand in a log: without user, password and options."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"

    def name(self, *parts: str) -> str:
        """A key or channel of ours."""
        return ":".join((self.prefix, *parts))

    def client(self) -> Redis:
        """For commands; close it with `aclose()`. A call takes at most about two seconds, then raises `RedisError`.

        No promise may hang on an answer, and no request may wait for one: ask from a task of one's own.
        """
        pool = BlockingConnectionPool.from_url(
            self.url,
            protocol=2,
            max_connections=MAX_CONNECTIONS,
            timeout=ANSWER_S,
            socket_timeout=ANSWER_S,
            socket_connect_timeout=CONNECT_S,
            retry=Retry(NoBackoff(), RETRIES),
        )
        return Redis.from_pool(pool)
