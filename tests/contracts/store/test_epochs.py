"""A lane whose numbers will repeat gets a new epoch, once, whoever notices."""

from __future__ import annotations

import asyncio

import pytest

from kernel.ids import RoomId
from persistence.store import Store
from rooms.model import Lane
from rooms.ports import Head
from tests.contracts.store.ground import EPOCH, Ground, lay

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
