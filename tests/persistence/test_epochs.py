"""Another database than before, recognised on the first connection that writes, ends every epoch before a number."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, delete, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from kernel.clock import SystemClock
from kernel.ids import MonotonicIds, RoomId
from kernel.refusals import Refusal
from persistence import database_postgres, epochs
from persistence.database_postgres import driver_url
from persistence.epochs import postgres_fingerprint, remember, settle
from persistence.migrate import migrate, on_connection
from persistence.restore import renew_all_epochs
from persistence.schema import deployment, lane
from persistence.store import Store, open_store
from rooms.model import Lane
from rooms.ports import Head
from tests.contracts.store.ground import EPOCH, Ground
from tests.factories import live_room, post_command
from tests.services.postgres import OwnServer, Postgres, own_server

pytestmark = pytest.mark.anyio


def lay(connection: Connection) -> None:
    ground = Ground(connection)
    ground.post(ground.room(), "末班车几点？")


def epochs_of(connection: Connection) -> set[str]:
    return set(connection.execute(select(lane.c.epoch)).scalars())


def recorded(connection: Connection) -> bytes | None:
    return connection.execute(select(deployment.c.value).where(deployment.c.name == "fingerprint")).scalar()


# --- the record, on either database -----------------------------------------------------------------------------------


def test_the_first_fingerprint_is_recorded_and_ends_nothing(store_url: str) -> None:
    def first(connection: Connection) -> None:
        lay(connection)
        assert not settle(connection, "a/1", None)
        assert not settle(connection, "a/1", "a/1")
        assert recorded(connection) == b"a/1"
        assert epochs_of(connection) == set(EPOCH.values())

    on_connection(store_url, first)


def test_another_one_ends_every_epoch_once(store_url: str) -> None:
    def another(connection: Connection) -> None:
        lay(connection)
        remember(connection, "a/1")
        assert settle(connection, "a/2", "a/1")
        fresh = epochs_of(connection)
        assert fresh.isdisjoint(EPOCH.values())
        assert not settle(connection, "a/2", "a/1"), "the second node finds it done"
        assert epochs_of(connection) == fresh
        assert recorded(connection) == b"a/2"

    on_connection(store_url, another)


def test_a_replica_that_lags_behind_the_record_is_another_for_who_remembers_it(store_url: str) -> None:
    def lagging(connection: Connection) -> None:
        lay(connection)
        assert settle(connection, "a/2", "a/1")
        assert epochs_of(connection).isdisjoint(EPOCH.values())

    on_connection(store_url, lagging)


def test_a_record_taken_away_all_the_time_is_not_settled(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def disturbed(connection: Connection) -> None:
        monkeypatch.setattr(epochs, "_record", lambda connection, present, recorded: False)
        with pytest.raises(Refusal, match="unavailable"):
            settle(connection, "a/1", None)

    on_connection(store_url, disturbed)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    """A server that may be killed."""
    with own_server() as running:
        yield running


@pytest.fixture
def url(server: OwnServer) -> str:
    """An empty database of the schema."""
    made = server.postgres.create_database("template1")
    migrate(made)
    return made


async def committed(store: Store, room: RoomId, *cids: str) -> Head:
    """Where the lane stands after posts, each published at once."""
    clock = SystemClock()
    ids = MonotonicIds(clock)
    for cid in cids:
        await store.commit(post_command(room, clock, ids, cid=cid))
    return (await store.heads([room]))[room, Lane.PUB]


async def test_after_a_fail_over_a_process_that_remembers_nothing_begins_new_epochs(
    server: OwnServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(server.add_replica)
    store = await open_store(url)
    clock = SystemClock()
    room = (await live_room(store, clock, MonotonicIds(clock), premoderate=False)).id
    await committed(store, room, "a", "b")
    assert server.replica is not None
    standby = _at(url, server.replica.port)
    await asyncio.to_thread(server.cut_off_replica)
    lost = await committed(store, room, "c", "d")
    await store.close()

    with pytest.raises(Refusal, match="unavailable"):
        await open_store(standby)
    await asyncio.to_thread(server.fail_over)
    url = _at(url, server.port)

    # The control: without the fingerprint, number and epoch of something that was lost are given again.
    with monkeypatch.context() as blind:
        blind.setattr(database_postgres, "settle", lambda connection, present, known: False)
        blind.setattr(database_postgres, "is_settled", lambda connection: True)
        stranger = await open_store(url)
        again = await committed(stranger, room, "e")
        await stranger.close()
    assert (again.epoch, again.seq) == (lost.epoch, lost.seq - 1)

    stranger = await open_store(url)
    # Before anything is written: whoever reads is told of the new epoch, and of it alone.
    heads = await stranger.heads([room])
    now = heads[room, Lane.PUB]
    assert now.epoch != lost.epoch
    assert {head.epoch for head in heads.values()} == {now.epoch}
    other = await open_store(url)
    assert await committed(other, room, "f") == Head(now.epoch, now.seq + 1)
    assert await committed(stranger, room, "g") == Head(now.epoch, now.seq + 2)
    await stranger.close()
    await other.close()


def _at(url: str, port: int) -> str:
    return make_url(url).set(port=port).render_as_string()


async def test_whoever_renewed_by_hand_need_not_be_reset_again(url: str) -> None:
    store = await open_store(url)
    clock = SystemClock()
    room = (await live_room(store, clock, MonotonicIds(clock), premoderate=False)).id
    before = await committed(store, room, "a")
    await store.close()

    def from_elsewhere(connection: Connection) -> None:
        connection.execute(delete(deployment).where(deployment.c.name == "fingerprint"))
        remember(connection, "elsewhere/7")

    on_connection(url, from_elsewhere)
    renew_all_epochs(url)
    store = await open_store(url)
    renewed = (await store.heads([room]))[room, Lane.PUB].epoch
    after = await committed(store, room, "b")
    await store.close()
    assert (after.epoch, after.seq) == (renewed, before.seq + 1)
    assert renewed != before.epoch


async def test_any_role_may_know_and_where_it_may_not_the_store_goes_on(url: str) -> None:
    Postgres(url).run("CREATE ROLE plain LOGIN")
    engine = create_async_engine(driver_url(url.replace("wenzheng@", "plain@")))
    async with engine.begin() as connection:
        told = await connection.run_sync(postgres_fingerprint)
        assert told is not None
        assert int(told.partition("/")[2]) >= 1
    Postgres(url).run("REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM PUBLIC")
    async with engine.begin() as connection:
        assert await connection.run_sync(postgres_fingerprint) is None
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1, "the transaction goes on"
    await engine.dispose()
