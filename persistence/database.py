"""How statements reach a database: the same synchronous SQLAlchemy Core functions, on two engines.

`SqliteDatabase` runs them on threads of its own, `PostgresDatabase` through `AsyncConnection.run_sync`; whoever writes
a query writes it once, as a plain function of a `Connection`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

import orjson
from sqlalchemy import Connection

T = TypeVar("T")


class Database(Protocol):
    """One store. Every method raises `Refusal("unavailable")` when the database does not answer in time."""

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Runs `query` in one read-only transaction with one consistent view."""
        ...

    async def write(self, change: Callable[[Connection], T]) -> T:
        """Runs `change` in one durable transaction; what it raises rolls back. Not for the hot path of a post."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


# What an engine writes its JSON columns with, and reads them.
JSON_CODEC: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {"json_serializer": _dumps, "json_deserializer": orjson.loads}
)
# A fault quotes the statement, never its values: texts, names and digests stay out of logs.
ENGINE: Final[Mapping[str, Any]] = MappingProxyType({**JSON_CODEC, "hide_parameters": True})
