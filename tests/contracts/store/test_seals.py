"""The chains of sealed evidence on both stores: whole whoever writes, and any change to the past is found."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection, delete, update

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId
from kernel.refusals import Refusal
from moderation.commands import Ruling
from moderation.evidence_commands import OpenSeal, SealOpened
from persistence.schema import post_version
from persistence.schema_redress import seal
from persistence.store import Store
from rooms.commands import Redact
from tests.factories import INSPECTOR, MODERATOR, decided, guest, live_room, posted, pulled

pytestmark = pytest.mark.anyio


async def refused(store: Store, clock: FrozenClock, ids: CountingIds, room: RoomId, body: str = "问") -> PostId:
    post = (await posted(store, room, clock, ids, body=body)).post
    await pulled(store, clock, room=room)
    await decided(store, clock, post, ruling=Ruling.REJECT)
    return post


async def test_two_nodes_seal_into_one_whole_chain(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    posts = [(await posted(store, room.id, clock, ids, by=guest(str(n)))).post for n in range(8)]
    await asyncio.gather(
        *(
            (store if n % 2 else other).commit(Redact(post, "3", MODERATOR, clock.now_ms()))
            for n, post in enumerate(posts)
        )
    )
    found = await store.check_seals()
    assert (found.rooms, found.entries, found.faults) == (1, 8, ())
    listed, _ = await store.seals(room.id, None, 20)
    assert [one["n"] for one in listed] == list(range(8, 0, -1))


async def test_what_was_sealed_is_read_with_a_reason_that_stays(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id, "独一无二的话")
    opened = await store.commit(OpenSeal(post, 1, "申诉复核", INSPECTOR, clock.now_ms()))
    assert isinstance(opened, SealOpened)
    assert opened.body == "独一无二的话"
    listed, _ = await store.seals(None, None, 20)
    assert [(one["why"], one["by"], one["reason"]) for one in listed] == [
        ("opened", INSPECTOR.id, "申诉复核"),
        ("refused", MODERATOR.id, None),
    ]
    assert "独一无二的话" not in repr(listed)
    with pytest.raises(Refusal, match="no_post"):
        await store.commit(OpenSeal(post, 2, "再看", INSPECTOR, clock.now_ms()))


def _reason_changed(connection: Connection) -> None:
    connection.execute(update(seal).where(seal.c.n == 2).values(reason="another"))


def _entry_removed(connection: Connection) -> None:
    connection.execute(delete(seal).where(seal.c.n == 2))


def _text_changed(connection: Connection) -> None:
    connection.execute(update(post_version).values(body="另一段话"))


@pytest.mark.parametrize("meddle", [_reason_changed, _entry_removed, _text_changed])
async def test_whoever_changes_the_past_is_found(
    store: Store, clock: FrozenClock, ids: CountingIds, meddle: object
) -> None:
    room = await live_room(store, clock, ids)
    for _ in range(3):
        await refused(store, clock, ids, room.id)
    assert (await store.check_seals()).faults == ()
    await store.database.write(meddle)  # type: ignore[arg-type]  # one of the three above
    assert (await store.check_seals()).faults != ()


async def test_a_text_erased_as_the_law_asks_leaves_the_chain_whole(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = await refused(store, clock, ids, room.id)

    def erase(connection: Connection) -> None:
        connection.execute(update(post_version).where(post_version.c.post_id == post).values(body="", salt=b""))

    await store.database.write(erase)
    found = await store.check_seals()
    assert (found.erased, found.faults) == (1, ())
    opened = await store.commit(OpenSeal(post, 1, "看一下", INSPECTOR, clock.now_ms()))
    assert isinstance(opened, SealOpened)
    assert opened.body == ""
    assert (await store.check_seals()).faults == ()


@pytest.mark.parametrize(
    "cursor", ["", "1", "1.r", "1.r.x", "9" * 20 + ".r.1", "1.r." + "9" * 20, "²..1", "1.\ud800.1", "1.r\x00.1", "1..1"]
)
async def test_a_cursor_that_nobody_gave_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(Refusal, match="bad_request"):
        await store.seals(None, cursor, 20)


async def test_the_chain_is_paged_without_loss(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    for _ in range(3):
        await refused(store, clock, ids, room.id)
    seen, cursor = await store.seals(None, None, 2)
    assert cursor is not None
    rest, cursor = await store.seals(None, cursor, 2)
    assert ([one["n"] for one in [*seen, *rest]], cursor) == ([3, 2, 1], None)
