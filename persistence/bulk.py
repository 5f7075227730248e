"""Many rows in one statement, whose text does not depend on how many: arrays on PostgreSQL, executemany on SQLite.

A constant text is prepared and planned once. On both engines the answer is how many rows were really written, so that
a compare-and-set that did not match cannot pass unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Insert,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import TableValuedAlias

from persistence.database import JSON_CODEC

_SQLITE = sqlite.dialect()

Rows = Sequence[Mapping[str, Any]]


def is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def insert_rows(connection: Connection, table: Table, rows: Rows, *, unless: tuple[str, ...] = ()) -> int:
    """Inserts all rows; those whose columns `unless` are there already are left out and not counted."""
    if not rows:
        return 0
    names = tuple(rows[0])
    if is_postgres(connection):
        return _counted(connection, _insert_arrays(table, names, unless), _arrays(names, rows))
    return _insert_each(table, names, unless).run(connection, rows)


def upsert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Inserts all rows; where the key is there already, the other columns take the new values."""
    if not rows:
        return
    names = tuple(rows[0])
    if is_postgres(connection):
        connection.execute(_upsert_arrays(table, names), _arrays(names, rows))
        return
    _upsert_each(table, names).run(connection, rows)


def update_rows(connection: Connection, table: Table, rows: Rows, fence: Rows | None = None) -> int:
    """Sets every column named in `rows` of the row with the same primary key.

    With `fence`, each row is changed only if it still has these values: the compare of the compare-and-set.
    """
    if not rows:
        return 0
    names, fences = tuple(rows[0]), tuple(fence[0]) if fence else ()
    values: Rows = rows
    if fence:
        values = [
            {**row, **{f"was_{name}": was[name] for name in fences}} for row, was in zip(rows, fence, strict=True)
        ]
    if is_postgres(connection):
        columns = (*names, *(f"was_{name}" for name in fences))
        return _counted(connection, _update_arrays(table, names, fences), _arrays(columns, values))
    return _update_each(table, names, fences).run(connection, values)


def _counted(connection: Connection, statement: Any, parameters: Mapping[str, Any]) -> int:
    return len(connection.execute(statement, parameters).all())


def _arrays(names: Sequence[str], rows: Rows) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in names}


def _unnested(table: Table, names: Sequence[str], fences: Sequence[str] = ()) -> TableValuedAlias:
    """`unnest($1, $2 …) AS given(…)`: the rows as a table."""
    types = {name: table.c[name].type for name in names} | {f"was_{name}": table.c[name].type for name in fences}
    # One dimension: without it a list that is itself a value (JSON) would be taken for a row of a matrix.
    kinds = {name: ARRAY(kind, dimensions=1) for name, kind in types.items()}
    arrays = [cast(bindparam(f"all_{name}", type_=kind), kind) for name, kind in kinds.items()]
    columns = [column(name, kind) for name, kind in types.items()]
    return func.unnest(*arrays).table_valued(*columns, name="given").render_derived()


def _rows_of(given: TableValuedAlias) -> Select[Any]:
    return select(*given.c)


@lru_cache(maxsize=128)
def _insert_arrays(table: Table, names: tuple[str, ...], unless: tuple[str, ...]) -> Any:
    statement = postgresql.insert(table).from_select(list(names), _rows_of(_unnested(table, names)))
    if unless:
        statement = statement.on_conflict_do_nothing(index_elements=unless)
    return statement.returning(true())


@lru_cache(maxsize=128)
def _upsert_arrays(table: Table, names: tuple[str, ...]) -> Any:
    statement = postgresql.insert(table).from_select(list(names), _rows_of(_unnested(table, names)))
    changes = {name: statement.excluded[name] for name in names if name not in table.primary_key.columns}
    return statement.on_conflict_do_update(index_elements=table.primary_key, set_=changes)


@lru_cache(maxsize=128)
def _update_arrays(table: Table, names: tuple[str, ...], fences: tuple[str, ...]) -> Any:
    given = _unnested(table, names, fences)
    keys = [table.c[key.name] == given.c[key.name] for key in table.primary_key.columns]
    compare = [table.c[name].is_not_distinct_from(given.c[f"was_{name}"]) for name in fences]
    changes = {name: given.c[name] for name in names if name not in table.primary_key.columns}
    return update(table).where(and_(*keys, *compare)).values(changes).returning(true())


class _Many:
    """A statement in the words of SQLite, run once for each row.

    Compiled here and handed to the driver as it is: to bind twenty rows costs SQLAlchemy three times what it costs
    SQLite to write them. Of the types in the schema only JSON is written otherwise than it is given.
    """

    def __init__(self, table: Table, statement: Insert | Update, names: Sequence[str], prefix: str = "") -> None:
        compiled = statement.compile(dialect=_SQLITE, column_keys=None if prefix else list(names))
        self._text = str(compiled)
        self._names = [name.removeprefix(prefix) for name in compiled.positiontup or ()]
        self._values = itemgetter(*self._names, self._names[0])  # of one name alone it would make no tuple
        self._json = [
            place for place, name in enumerate(self._names) if isinstance(table.c[name.removeprefix("was_")].type, JSON)
        ]

    def run(self, connection: Connection, rows: Rows) -> int:
        """How many rows were written."""
        return connection.exec_driver_sql(self._text, [self._bound(row) for row in rows]).rowcount

    def _bound(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        values = self._values(row)[:-1]
        if not self._json:
            return values  # type: ignore[no-any-return]
        written = list(values)
        for place in self._json:
            written[place] = JSON_CODEC["json_serializer"](written[place])
        return tuple(written)


@lru_cache(maxsize=128)
def _insert_each(table: Table, names: tuple[str, ...], unless: tuple[str, ...]) -> _Many:
    statement = sqlite.insert(table)
    if unless:
        statement = statement.on_conflict_do_nothing(index_elements=unless)
    return _Many(table, statement, names)


@lru_cache(maxsize=128)
def _upsert_each(table: Table, names: tuple[str, ...]) -> _Many:
    statement = sqlite.insert(table)
    changes = {name: statement.excluded[name] for name in names if name not in table.primary_key.columns}
    return _Many(table, statement.on_conflict_do_update(index_elements=table.primary_key, set_=changes), names)


@lru_cache(maxsize=128)
def _update_each(table: Table, names: tuple[str, ...], fences: tuple[str, ...]) -> _Many:
    keys = [table.c[key.name] == bindparam(f"new_{key.name}") for key in table.primary_key.columns]
    compare = [
        table.c[name].is_not_distinct_from(bindparam(f"new_was_{name}", type_=table.c[name].type)) for name in fences
    ]
    changes = {
        name: bindparam(f"new_{name}", type_=table.c[name].type)
        for name in names
        if name not in table.primary_key.columns
    }
    return _Many(table, update(table).where(and_(*keys, *compare)).values(changes), names, prefix="new_")
