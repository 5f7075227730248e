"""A PostgreSQL that dies under the store: `unavailable` while it is gone, and on again when it is back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest

from kernel.clock import SystemClock
from kernel.ids import MonotonicIds
from kernel.refusals import Refusal
from kernel.tasks import spawn
from persistence.migrate import migrate
from persistence.store import open_store
from rooms.commands import PostReceipt
from rooms.model import Lane
from tests.contracts.store.invariants import assert_sound
from tests.factories import guest, live_room, post_command
from tests.services.postgres import OwnServer, own_server

pytestmark = pytest.mark.anyio


@pytest.fixture
def server() -> Iterator[OwnServer]:
    """A server that may be killed."""
    with own_server() as running:
        yield running


async def test_acknowledged_posts_survive_the_server_and_the_store_finds_it_again(server: OwnServer) -> None:
    url = server.postgres.url
    migrate(url)
    store = await open_store(url)
    clock, ids = SystemClock(), MonotonicIds()
    room = await live_room(store, clock, ids, premoderate=False)
    acknowledged: set[str] = set()
    refused: list[str] = []

    async def post_until_refused(name: str) -> None:
        for n in range(10_000):
            try:
                receipt = await store.commit(post_command(room.id, clock, ids, by=guest(name), cid=f"{name}-{n}"))
            except Refusal as refusal:
                refused.append(refusal.code.name)
                return
            assert isinstance(receipt, PostReceipt)
            acknowledged.add(receipt.post)

    clients = [spawn(post_until_refused(str(n)), name="client") for n in range(10)]
    while len(acknowledged) < 100:
        await asyncio.sleep(0.01)
    server.stop(signal.SIGQUIT)  # at once, without a word to anybody
    await asyncio.gather(*clients)
    assert set(refused) == {"unavailable"}
    with pytest.raises(Refusal, match="unavailable"):
        await store.ping()
    with pytest.raises(Refusal, match="unavailable"):
        await store.room(room.id)
    await asyncio.to_thread(server.start)
    await store.ping()
    # One connection of each pool may still be a dead one: it is found out and replaced.
    receipt = await store.commit(post_command(room.id, clock, ids))
    assert isinstance(receipt, PostReceipt)
    await assert_sound(store)
    head = (await store.heads([room.id]))[room.id, Lane.PUB].seq
    slices = [await store.events(room.id, Lane.PUB, after, 200) for after in range(0, head, 200)]
    assert acknowledged <= {item["id"] for part in slices for item in part.items}
    await store.close()


async def test_a_server_restarted_while_nobody_asked_is_not_noticed(server: OwnServer) -> None:
    migrate(server.postgres.url)
    store = await open_store(server.postgres.url)
    clock, ids = SystemClock(), MonotonicIds()
    room = await live_room(store, clock, ids)
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    assert await store.room(room.id) == room
    receipt = await store.commit(post_command(room.id, clock, ids))
    assert isinstance(receipt, PostReceipt)
    await store.close()
