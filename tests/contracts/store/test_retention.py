"""Sealed texts whose time is over, on both stores: gone from the rows, while the chain of their seals stays whole."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select, update

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId
from kernel.refusals import Refusal
from moderation.appeal_commands import Reinstate
from moderation.commands import Ruling
from moderation.evidence_commands import KeepSeal
from moderation.retention import DAY_MS, Retention
from persistence.schema import post_version
from persistence.store import Store
from rooms.commands import Redact, Restore
from tests.factories import INSPECTOR, MODERATOR, decided, guest, live_room, posted, published, pulled

pytestmark = pytest.mark.anyio
DAYS = 30
BODY = "独一无二的话"


async def refused(store: Store, clock: FrozenClock, ids: CountingIds, room: RoomId, name: str = "1") -> PostId:
    post = (await posted(store, room, clock, ids, body=BODY, by=guest(name))).post
    await pulled(store, clock, room=room)
    await decided(store, clock, post, ruling=Ruling.REJECT)
    return post


async def left(store: Store) -> set[PostId]:
    """Posts with a text in the table of texts."""

    def read(connection: Connection) -> set[PostId]:
        rows = connection.execute(select(post_version)).all()
        assert all(bool(row.body) == bool(row.salt) for row in rows)
        return {PostId(row.post_id) for row in rows if row.body}

    return await store.database.read(read)


async def whys(store: Store, post: PostId) -> list[str]:
    listed, _ = await store.seals(None, None, 100)
    return [one["why"] for one in reversed(listed) if one["post"] == post]


async def test_a_text_goes_when_its_time_is_over_and_the_chain_stays_whole(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.retention.PAGE", 2)
    room = await live_room(store, clock, ids)
    posts = [await refused(store, clock, ids, room.id, str(n)) for n in range(3)]
    shown = (await published(store, room.id, clock, ids)).post
    here, there = Retention(store, clock, DAYS), Retention(other, clock, DAYS)

    clock.advance(DAYS * DAY_MS)
    assert await here.once() == 0
    clock.advance(1)
    fresh = await refused(store, clock, ids, room.id, "9")
    assert await here.once() == 3
    assert await there.once() == 0

    assert await left(store) == {shown, fresh}
    assert [await whys(store, post) for post in posts] == [["refused", "erased"]] * 3
    found = await store.check_seals()
    assert (found.entries, found.erased, found.faults) == (7, 3, ())
    assert here.measures() == {"evidence_erased_total": 3.0}
    with pytest.raises(Refusal, match="no_post"):
        await store.commit(Reinstate(posts[0], 1, None, b"fedcba9876543210", MODERATOR, clock.now_ms()))


async def test_for_ever_is_for_ever(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id)
    clock.advance(100 * 365 * DAY_MS)
    assert await Retention(store, clock, 0).once() == 0
    assert await left(store) == {post}


async def test_what_is_kept_stays_until_it_is_released(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id)
    retention = Retention(store, clock, DAYS)
    await store.commit(KeepSeal(post, 1, True, "诉讼未结", INSPECTOR, clock.now_ms()))
    clock.advance(2 * DAYS * DAY_MS)
    assert await retention.once() == 0
    await store.commit(KeepSeal(post, 1, False, "已结案", INSPECTOR, clock.now_ms()))
    assert await retention.once() == 1
    assert await whys(store, post) == ["refused", "kept", "released", "erased"]
    page = await store.item_history(post, None, 50, unpublished=True)
    assert page is not None
    (version,) = [one for one in page[0] if one["what"] == "version"]
    assert (version["body"], version["gone"], "sealed" in version) == ("", "erased", False)
    assert (await store.check_seals()).faults == ()


async def test_the_newest_hiding_counts_and_what_is_public_again_stays(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = (await published(store, room.id, clock, ids)).post
    retention = Retention(store, clock, DAYS)
    await store.commit(Redact(post, "3", MODERATOR, clock.now_ms()))
    await store.commit(Restore(post, "mistake", MODERATOR, clock.now_ms()))
    clock.advance(2 * DAYS * DAY_MS)
    assert await retention.once() == 0
    await store.commit(Redact(post, "3", MODERATOR, clock.now_ms()))
    clock.advance(DAYS * DAY_MS)
    assert await retention.once() == 0
    clock.advance(1)
    assert await retention.once() == 1
    assert await left(store) == set()


async def test_a_text_that_is_back_after_it_was_erased_is_found(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    await refused(store, clock, ids, room.id)
    clock.advance(2 * DAYS * DAY_MS)
    await Retention(store, clock, DAYS).once()
    assert (await store.check_seals()).faults == ()

    def bring_back(connection: Connection) -> None:
        connection.execute(update(post_version).values(body=BODY, salt=b"x" * 16))

    await store.database.write(bring_back)
    assert any("was to be gone" in fault for fault in (await store.check_seals()).faults)
