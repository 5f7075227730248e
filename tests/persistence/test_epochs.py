"""Another database than before, recognised on the first connection that writes, ends every epoch before a number."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, delete, select, text
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
from tests.services.postgres import OwnServer, own_server

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


@pytest.fixture
def server() -> Iterator[OwnServer]:
    """A server that may be killed, with a database of the schema."""
    with own_server() as running:
        migrate(running.postgres.url)
        yield running


async def committed(store: Store, room: RoomId, *cids: str) -> Head:
    """Where the lane stands after posts, each published at once."""
    clock = SystemClock()
    ids = MonotonicIds(clock)
    for cid in cids:
        await store.commit(post_command(room, clock, ids, cid=cid))
    return (await store.heads([room]))[room, Lane.PUB]


async def test_after_a_fail_over_a_process_that_remembers_nothing_begins_new_epochs(
    server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(server.add_replica)
    store = await open_store(server.postgres.url)
    clock = SystemClock()
    room = (await live_room(store, clock, MonotonicIds(clock), premoderate=False)).id
    reached = await committed(store, room, "a", "b")
    await asyncio.to_thread(_until_there, server, reached)
    await asyncio.to_thread(server.cut_off_replica)
    lost = await committed(store, room, "c", "d")
    await store.close()

    follower = server.replica
    assert follower is not None
    standby = await open_store(f"postgresql://wenzheng@127.0.0.1:{follower.port}/postgres")
    with pytest.raises(Refusal, match="unavailable"):
        await committed(standby, room, "on a standby")
    await asyncio.to_thread(server.fail_over)
    assert (await standby.heads([room]))[room, Lane.PUB] == reached

    # The control: without the fingerprint, number and epoch of something that was lost are given again.
    with monkeypatch.context() as blind:
        blind.setattr(database_postgres, "settle", lambda connection, present, known: False)
        stranger = await open_store(server.postgres.url)
        again = await committed(stranger, room, "e")
        await stranger.close()
    assert (again.epoch, again.seq) == (lost.epoch, lost.seq - 1)

    now = await committed(standby, room, "f")
    assert now.epoch != lost.epoch
    # Whoever comes now finds it settled, on every lane of every room.
    stranger = await open_store(server.postgres.url)
    assert (await committed(stranger, room, "g")) == Head(now.epoch, now.seq + 1)
    assert {head.epoch for head in (await stranger.heads([room])).values()} == {now.epoch}
    await stranger.close()
    await standby.close()


def _until_there(server: OwnServer, head: Head) -> None:
    follower = server.replica
    assert follower is not None
    replica = type(server.postgres)(f"postgresql://wenzheng@127.0.0.1:{follower.port}/postgres")
    while replica.ask("SELECT head_seq FROM lane WHERE lane = 'pub'") != head.seq:
        pass


async def test_whoever_renewed_by_hand_need_not_be_reset_again(server: OwnServer) -> None:
    url = server.postgres.url
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


async def test_any_role_may_know_and_where_it_may_not_the_store_goes_on(server: OwnServer) -> None:
    server.postgres.run("CREATE ROLE plain LOGIN")
    engine = create_async_engine(driver_url(server.postgres.url.replace("wenzheng@", "plain@")))
    async with engine.begin() as connection:
        told = await connection.run_sync(postgres_fingerprint)
        assert told is not None
        assert told.endswith("/1")
    server.postgres.run("REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM PUBLIC")
    async with engine.begin() as connection:
        assert await connection.run_sync(postgres_fingerprint) is None
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1, "the transaction goes on"
    await engine.dispose()
