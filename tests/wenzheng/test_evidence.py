"""`wenzheng moderation evidence verify`: one line of sums, and 1 where something was changed."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, update

from kernel.clock import FrozenClock
from kernel.ids import CountingIds
from moderation.commands import Ruling
from persistence.schema_redress import seal
from persistence.store import open_store
from tests.factories import decided, live_room, posted, pulled
from wenzheng.evidence import verify

pytestmark = pytest.mark.anyio


async def test_whole_and_then_not(sqlite_url: str, clock: FrozenClock, ids: CountingIds) -> None:
    store = await open_store(sqlite_url, clock=clock, ids=ids)
    room = await live_room(store, clock, ids)
    post = (await posted(store, room.id, clock, ids)).post
    await pulled(store, clock)
    await decided(store, clock, post, ruling=Ruling.REJECT)
    await store.close()
    assert verify(sqlite_url) == (0, ["1 chains, 1 entries, 0 texts erased since: whole"])
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(update(seal).values(reason="another"))
    engine.dispose()
    code, lines = verify(sqlite_url)
    assert code == 1
    assert "the chain breaks at entry 1" in lines[0]
    assert verify("sqlite:////nowhere/at/all.db")[0] == 1
