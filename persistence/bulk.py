"""Many rows in one statement, whose text does not depend on how many: arrays on PostgreSQL, executemany on SQLite.

A constant text is prepared and planned once. On both engines the answer is how many rows were really written, so that
a compare-and-set that did not match cannot pass unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
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
    statement = sqlite.insert(table)
    if unless:
        statement = statement.on_conflict_do_nothing(index_elements=unless)
    return connection.execute(statement, _plain(rows)).rowcount


def upsert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Inserts all rows; where the key is there already, the other columns take the new values."""
    if not rows:
        return
    names = tuple(rows[0])
    if is_postgres(connection):
        connection.execute(_upsert_arrays(table, names), _arrays(names, rows))
        return
    statement = sqlite.insert(table)
    changes = {name: statement.excluded[name] for name in names if name not in table.primary_key.columns}
    connection.execute(statement.on_conflict_do_update(index_elements=table.primary_key, set_=changes), _plain(rows))


def update_rows(connection: Connection, table: Table, rows: Rows, fence: Rows | None = None) -> int:
    """Sets every column named in `rows` of the row with the same primary key.

    With `fence`, each row is changed only if it still has these values: the compare of the compare-and-set.
    """
    if not rows:
        return 0
    names, fences = tuple(rows[0]), tuple(fence[0]) if fence else ()
    values = [
        dict(row) | {f"was_{name}": was[name] for name in fences}
        for row, was in zip(rows, fence or [{}] * len(rows), strict=True)
    ]
    if is_postgres(connection):
        columns = (*names, *(f"was_{name}" for name in fences))
        return _counted(connection, _update_arrays(table, names, fences), _arrays(columns, values))
    return connection.execute(_update_each(table, names, fences), _bound(values)).rowcount


def _counted(connection: Connection, statement: Any, parameters: Mapping[str, Any]) -> int:
    return len(connection.execute(statement, parameters).all())


def _arrays(names: Sequence[str], rows: Rows) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in names}


def _plain(rows: Rows) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]


def _bound(rows: Rows) -> list[dict[str, Any]]:
    return [{f"new_{name}": value for name, value in row.items()} for row in rows]


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


@lru_cache(maxsize=128)
def _update_each(table: Table, names: tuple[str, ...], fences: tuple[str, ...]) -> Update:
    keys = [table.c[key.name] == bindparam(f"new_{key.name}") for key in table.primary_key.columns]
    compare = [
        table.c[name].is_not_distinct_from(bindparam(f"new_was_{name}", type_=table.c[name].type)) for name in fences
    ]
    changes = {
        name: bindparam(f"new_{name}", type_=table.c[name].type)
        for name in names
        if name not in table.primary_key.columns
    }
    return update(table).where(and_(*keys, *compare)).values(changes)
