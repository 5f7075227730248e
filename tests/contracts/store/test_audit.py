"""The audit on both stores: paged without loss, by name or id, and by the beginning of an action taken literally."""

from __future__ import annotations

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds
from moderation.auditing import AuditFilter
from persistence.store import Store
from rooms.commands import Redact, Restore
from tests.factories import MODERATOR, live_room, people, published

pytestmark = pytest.mark.anyio


async def test_a_page_follows_the_other_and_names_stand_beside_ids(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    await people(store)
    room = await live_room(store, clock, ids)
    post = (await published(store, room.id, clock, ids)).post
    for command in (Redact, Restore, Redact):
        clock.advance(1)
        await store.commit(command(post, "3", MODERATOR, clock.now_ms()))

    wanted = AuditFilter(subject=post, begins="room:post:")
    first, cursor = await store.audit_log(wanted, None, 2)
    rest, end = await store.audit_log(wanted, cursor, 2)
    assert [one.action for one in (*first, *rest)] == ["room:post:redact", "room:post:restore", "room:post:redact"]
    assert end is None
    assert {(one.by, one.name) for one in first} == {(MODERATOR.id, MODERATOR.name)}

    async def count(**asked: object) -> int:
        return len((await store.audit_log(AuditFilter(subject=post, **asked), None, 50))[0])  # type: ignore[arg-type]  # of the filter

    assert await count(by=MODERATOR.id) == await count(by=MODERATOR.name) == await count()
    assert await count(since=clock.now_ms()) == await count(since=clock.now_ms(), until=clock.now_ms() + 1) == 1
    assert await count(begins="room%") == await count(by="nobody") == await count(until=0) == 0
