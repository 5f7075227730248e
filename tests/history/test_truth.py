"""The last look at a store, over both engines: what was published, hidden, decided, and what was not."""

from __future__ import annotations

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds
from persistence.store import Store
from rooms.commands import Redact
from tests.factories import HOST, MODERATOR, decided, guest, live_room, posted, pulled
from tests.history import read_truth

pytestmark = pytest.mark.anyio


async def test_the_truth_is_what_the_store_holds(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    shown = await posted(store, room.id, clock, ids, body="one;", cid="c1")
    waiting = await posted(store, room.id, clock, ids, body="two;", cid="c2")
    await pulled(store, clock, n=1, room=room.id)
    await decided(store, clock, shown.post)
    await store.commit(Redact(shown.post, "privacy", HOST, clock.now_ms()))

    truth = await read_truth(store)

    assert [(item["s"], item["k"]) for item in truth.lanes[room.id, "pub"].items] == [
        (1, "state"),
        (2, "msg"),
        (3, "redact"),
    ]
    assert truth.lanes[room.id, "pub"].items[1].get("redacted") is True
    assert truth.posts[shown.post].approved == {"one;"}
    assert (truth.posts[waiting.post].state, truth.posts[waiting.post].approved) == ("pending", frozenset())
    assert (truth.posts[waiting.post].author, truth.posts[waiting.post].cid) == (guest().id, "c2")
    assert truth.rulings == {(shown.post, 1): (MODERATOR.id, "publish")}
