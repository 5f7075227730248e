"""A lane whose numbers will repeat gets a new epoch, once, whoever notices."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlalchemy import Connection, delete, update

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, RoomId
from persistence.schema import event, lane
from persistence.store import Store
from rooms.commands import PostReceipt
from rooms.model import Lane
from rooms.ports import Head, Hint
from tests.contracts.store.ground import EPOCH, Ground, lay
from tests.factories import live_room, post_command

pytestmark = pytest.mark.anyio


async def test_of_many_who_renew_an_epoch_one_changes_it(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        ground.post(room, "末班车几点？")
        return room

    room = await lay(store, build)
    renewed = await asyncio.gather(*(store.renew_epoch(room, Lane.PUB, EPOCH[Lane.PUB]) for _ in range(5)))

    assert {head.epoch for head in renewed} == {renewed[0].epoch}
    assert renewed[0].epoch != EPOCH[Lane.PUB]
    heads = await store.heads([room])
    assert heads[room, Lane.PUB] == Head(renewed[0].epoch, 1)
    assert heads[room, Lane.MOD].epoch == EPOCH[Lane.MOD], "the other lanes lost nothing"


async def test_a_database_that_went_back_gives_no_number_twice_in_one_epoch(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    """The process that saw the numbers renews the epoch with its next commit: no probe need come first."""
    room = (await live_room(store, clock, ids, premoderate=False)).id
    hints: list[Hint] = []
    store.on_commit(hints.extend)
    for n in range(4):
        await store.commit(post_command(room, clock, ids, cid=f"c{n}"))
    before = hints[-1]
    await store.database.write(partial(_forget, room=room, after=before.b - 2))

    receipt = await store.commit(post_command(room, clock, ids, cid="later"))

    assert isinstance(receipt, PostReceipt)
    assert receipt.seq == before.b - 1
    told = hints[-1]
    assert (told.a, told.b) == (before.b - 1, before.b - 1)
    assert told.epoch != before.epoch
    assert (await store.heads([room]))[room, Lane.PUB] == Head(told.epoch, told.b)
    # Once is enough.
    await store.commit(post_command(room, clock, ids, cid="still later"))
    assert (await store.heads([room]))[room, Lane.PUB] == Head(told.epoch, told.b + 1)


async def test_what_the_feeds_of_a_node_have_seen_is_not_numbered_again(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    """Committed by another node, heard of by a hint, and lost with the database that is gone."""
    room = (await live_room(store, clock, ids, premoderate=False)).id
    before = (await store.heads([room]))[room, Lane.PUB]
    store.seen(room, Lane.PUB, Head(before.epoch, before.seq + 4))

    await store.commit(post_command(room, clock, ids))

    after = (await store.heads([room]))[room, Lane.PUB]
    assert after.seq == before.seq + 1
    assert after.epoch != before.epoch


def _forget(connection: Connection, room: RoomId, after: int) -> None:
    """As if restored from a copy of then."""
    lanes = (event.c.stream_id == room, event.c.lane == Lane.PUB.value)
    connection.execute(delete(event).where(*lanes, event.c.seq > after))
    connection.execute(
        update(lane).where(lane.c.stream_id == room, lane.c.lane == Lane.PUB.value).values(head_seq=after)
    )
