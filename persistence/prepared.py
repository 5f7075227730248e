"""Queries of the hot path, built once: building one costs more than asking it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, Select, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from persistence.bulk import is_postgres

# `among(column, name)`: column IN the values given under that name.
Among = Callable[[ColumnElement[Any], str], ColumnElement[bool]]


class Prepared:
    """A query with lists for parameters, in the words of each database."""

    def __init__(self, build: Callable[[Among], Select[Any]]) -> None:
        self._in_list = build(_in_list)
        self._in_array = build(_in_array)

    def __call__(self, connection: Connection, **values: Collection[Any] | int) -> CursorResult[Any]:
        statement = self._in_array if is_postgres(connection) else self._in_list
        given = {name: value if isinstance(value, int) else list(value) for name, value in values.items()}
        return connection.execute(statement, given)


def _in_list(wanted: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return wanted.in_(bindparam(name, expanding=True))


def _in_array(wanted: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """One parameter, however long the list: the statement's text stays the same and is planned once."""
    return wanted == any_(bindparam(name, type_=ARRAY(wanted.type, dimensions=1)))
