"""A consumer that dies at every step it takes: nothing is left out, nothing is out of order, no write is made twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from kernel.ids import RoomId
from persistence.store import Store
from rooms.following.ports import Claimed, Place, Position, Write
from rooms.model import Lane, PostKind
from tests.contracts.store.crashing import MortalCursors, Seen, crashed_everywhere
from tests.contracts.store.demo_consumer import drop_table, make_table
from tests.contracts.store.ground import EPOCH, Ground, lay

pytestmark = pytest.mark.anyio


@pytest.fixture
async def table(store: Store) -> AsyncIterator[None]:
    await make_table(store)
    yield
    await drop_table(store)


@pytest.fixture
async def log(store: Store) -> list[Seen]:
    """Two rooms: two batches on one lane, one on each of three others."""

    def build(ground: Ground) -> list[RoomId]:
        rooms = [ground.room(), ground.room()]
        for room, posts in zip(rooms, (3, 1), strict=True):
            for n in range(posts):
                ground.post(room, f"第{n}问")
            ground.post(room, "后台", kind=PostKind.NOTE, by="price1", role="respondent", department="price")
        return rooms

    one, two = await lay(store, build)
    places = ((one, Lane.PUB, 3), (one, Lane.DESK, 1), (two, Lane.PUB, 1), (two, Lane.DESK, 1))
    return [(Place(room, lane), EPOCH[lane], seq) for room, lane, head in places for seq in range(1, head + 1)]


async def test_after_a_death_at_any_step_another_node_completes_the_work(
    store: Store, other: Store, log: list[Seen], table: None
) -> None:
    assert await crashed_everywhere(store, other, log) == []


class WritesFirst(MortalCursors):
    """As if the writes and the cursor were two transactions, the writes before."""

    async def advance(
        self, held: Claimed, since: Position, to: Position, writes: Sequence[Write], *, release: bool
    ) -> bool:
        await self.store.database.write(lambda connection: [write(connection) for write in writes])
        self.fate.step()
        return await super().advance(held, since, to, [], release=release)


class WritesLast(MortalCursors):
    async def advance(
        self, held: Claimed, since: Position, to: Position, writes: Sequence[Write], *, release: bool
    ) -> bool:
        moved = await super().advance(held, since, to, [], release=release)
        await self.store.database.write(lambda connection: [write(connection) for write in writes])
        return moved


@pytest.mark.parametrize("torn", [WritesFirst, WritesLast])
async def test_two_transactions_in_place_of_one_would_be_noticed(
    sqlite_store: Store, torn: type[MortalCursors]
) -> None:
    await make_table(sqlite_store)
    room = await lay(sqlite_store, _short)
    log = [(Place(room, Lane.PUB), EPOCH[Lane.PUB], seq) for seq in (1, 2)]

    problems = await crashed_everywhere(sqlite_store, sqlite_store, log, torn)

    assert any("written" in problem for problem in problems)


def _short(ground: Ground) -> RoomId:
    room = ground.room()
    for n in range(2):
        ground.post(room, f"第{n}问")
    return room
