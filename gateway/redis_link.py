"""How this node reaches Redis: with time-outs, so that one that hangs holds nobody up; its password is never said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Connection, Redis
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

# The library's defaults wait for most of a minute; nothing here is worth a second more.
CONNECT_S: Final = 1.0
ANSWER_S: Final = 1.0
# A pooled connection may be dead without knowing: once more over a new one, then the answer is no.
RETRIES: Final = 1
MAX_CONNECTIONS: Final = 8

# What a Redis that is away, dying or no Redis makes the library throw, time-outs included. `RuntimeError` is uvloop's
# word for writing to a connection that has just ended, which the library passes on.
FAULTS: Final = (RedisError, OSError, RuntimeError)

Address: TypeAlias = tuple[str, int]  # host and port


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

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"

    def name(self, *parts: str) -> str:
        """A key or channel of ours."""
        return ":".join((self.prefix, *parts))

    def client(self, address: Address | None = None) -> Redis:
        """For commands; close it with `aclose()`. A call takes at most about two seconds, then raises `RedisError`.

        `address` as for `connection`.
        No promise may hang on an answer, and no request may wait for one: ask from a task of one's own.
        """
        pool = BlockingConnectionPool(
            **self._given(address),
            max_connections=MAX_CONNECTIONS,
            timeout=ANSWER_S,
            socket_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), RETRIES),
        )
        return Redis.from_pool(pool)

    def connection(self, address: Address | None = None) -> AbstractConnection:
        """A single one, not yet open, without time-outs or retries of its own.

        `address` names another node of the same Cluster, which is reached in the same manner.
        """
        given = self._given(address)
        kind = given.pop("connection_class", Connection)
        made: AbstractConnection = kind(**given, socket_timeout=None, retry=Retry(NoBackoff(), 0))
        return made

    def _given(self, address: Address | None) -> dict[str, Any]:
        """What the URL says, and what it may not change."""
        given = {**parse_url(self.url), "protocol": 2, "socket_connect_timeout": CONNECT_S}
        if address is not None:
            given.update(host=address[0], port=address[1])
        return given
