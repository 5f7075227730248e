"""The migrations make exactly the schema, up and down, once, whoever else is at it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, insert, inspect, select, text

from kernel.clock import SystemClock
from persistence import schema
from persistence.migrate import alembic_config, current_revision, migrate, on_connection, step
from persistence.migrations import HEAD
from persistence.schema import metadata
from persistence.store import SchemaOutdated, open_store
from tests.contracts.store.ground import Ground
from tests.services.postgres import Postgres

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'new.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create_database(template="template0")
    yield url
    server.drop_database(url)


def test_the_steps_make_exactly_the_schema(empty_url: str) -> None:
    migrate(empty_url)
    assert on_connection(empty_url, differences) == []
    assert on_connection(empty_url, current_revision) == HEAD


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
    return list(compare_metadata(context, metadata))


def test_indexes_and_checks_are_those_of_the_schema(empty_url: str) -> None:
    migrate(empty_url)
    made = on_connection(empty_url, _names)
    wanted = {str(one.name) for table in metadata.tables.values() for one in table.indexes}
    for table in metadata.tables.values():
        wanted |= {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
    assert wanted <= made


def _names(connection: Connection) -> set[str]:
    found = inspect(connection)
    return {
        str(one["name"])
        for table in found.get_table_names()
        for one in (*found.get_indexes(table), *found.get_check_constraints(table))
    }


def test_down_and_up_again(empty_url: str) -> None:
    migrate(empty_url)
    step(empty_url, "base")
    assert on_connection(empty_url, lambda connection: inspect(connection).get_table_names()) == ["alembic_version"]
    migrate(empty_url)
    assert on_connection(empty_url, differences) == []


def test_who_waits_is_counted_when_counting_begins(empty_url: str) -> None:
    migrate(empty_url)

    def held(connection: Connection) -> str:
        ground = Ground(connection)
        room = ground.room()
        for state in ("pending", "pending", "published"):
            ground.post(room, "末班车几点？", state=state)
        return room

    room = on_connection(empty_url, held)
    step(empty_url, "0003")
    migrate(empty_url)

    count = select(schema.room.c.waiting).where(schema.room.c.id == room)
    assert on_connection(empty_url, lambda connection: connection.execute(count).scalar_one()) == 2


def test_whom_a_sanction_stopped_it_stops_on_when_it_may_be_aimed(empty_url: str) -> None:
    migrate(empty_url)
    told = {"user_id": "g:1", "until": 2, "reason": "刷屏", "created_by": "host", "created_at": 1}
    aimed = {"account": "g:1", "device": "d:digest"}

    def lay(connection: Connection) -> None:
        for via, subject in aimed.items():
            connection.execute(insert(schema.sanction).values(id=via, via=via, subject=subject, **told))

    on_connection(empty_url, lay)
    # The older version knows of persons alone: what was aimed at a device would stop one there.
    step(empty_url, "0016")
    migrate(empty_url)

    left = select(schema.sanction.c.via, schema.sanction.c.subject)
    assert on_connection(empty_url, lambda connection: connection.execute(left).all()) == [("account", "g:1")]


def test_two_at_once_migrate_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate, [empty_url] * 4))
    assert on_connection(empty_url, differences) == []


def test_a_current_database_is_only_looked_at(empty_url: str) -> None:
    migrate(empty_url)
    # Its own work: what waits for a busy machine is nobody's fault.
    began = time.process_time()
    migrate(empty_url)
    assert time.process_time() - began < 1.0


async def test_migrating_works_on_a_running_loop_too(empty_url: str) -> None:
    migrate(empty_url)
    await (await open_store(empty_url, clock=SystemClock())).close()


async def test_a_store_that_is_not_migrated_says_what_to_do(empty_url: str) -> None:
    on_connection(empty_url, lambda connection: None)
    with pytest.raises(SchemaOutdated, match="wenzheng migrate"):
        await open_store(empty_url)


def test_a_database_from_the_future_is_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    on_connection(empty_url, _from_the_future)
    with pytest.raises(RuntimeError, match="9999"):
        migrate(empty_url)


def _from_the_future(connection: Connection) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))


def test_head_is_the_newest_step(empty_url: str) -> None:
    heads = on_connection(empty_url, lambda one: ScriptDirectory.from_config(alembic_config(one)).get_heads())
    assert heads == [HEAD]
