"""One file, and the name it has: what is written into a file nobody will open again is not stored."""

from __future__ import annotations

import shutil

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds
from kernel.refusals import Refusal
from persistence.database_sqlite import sqlite_path
from persistence.store import Store
from rooms.commands import PostReceipt
from rooms.model import Lane
from tests.factories import live_room, post_command

pytestmark = pytest.mark.anyio


async def test_a_file_moved_away_takes_no_posts(
    sqlite_store: Store, sqlite_url: str, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(sqlite_store, clock, ids, premoderate=False)
    path = sqlite_path(sqlite_url)
    aside = path.with_suffix(".aside")

    path.rename(aside)
    with pytest.raises(Refusal, match="unavailable"):
        await sqlite_store.commit(post_command(room.id, clock, ids))
    with pytest.raises(Refusal, match="unavailable"):
        await sqlite_store.ping()

    aside.rename(path)
    assert isinstance(await sqlite_store.commit(post_command(room.id, clock, ids)), PostReceipt)
    assert (await sqlite_store.events(room.id, Lane.PUB, 0, 10)).head == 2


async def test_another_file_in_its_place_is_not_ours(
    sqlite_store: Store, sqlite_url: str, clock: FrozenClock, ids: CountingIds
) -> None:
    await live_room(sqlite_store, clock, ids)
    path = sqlite_path(sqlite_url)
    shutil.copyfile(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)
    with pytest.raises(Refusal, match="unavailable"):
        await sqlite_store.ping()
