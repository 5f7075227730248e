"""A backup is one moment of a store, a restore is that moment again, on either database, with new epochs."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import random
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from kernel.clock import FrozenClock
from kernel.ids import RoomId
from persistence import database_postgres
from persistence.archive import ArchiveReader, BadArchive
from persistence.backup import LEFT_OUT, back_up
from persistence.looking import NoStore
from persistence.migrate import current_revision, on_connection, step
from persistence.migrations import HEAD
from persistence.restore import NotRestored, check, renew_all_epochs, restore
from persistence.schema import (
    audit,
    cursor,
    department,
    event,
    lane,
    metadata,
    question,
    sanction,
    session,
    word_list_version,
)
from persistence.schema_redress import sighting
from persistence.single_server import AlreadyServed, ServerLock
from persistence.store import open_store
from tests.contracts.store.ground import EPOCH, NOW, Ground
from tests.persistence.test_migrate import differences, empty_url

__all__ = ["empty_url"]

Tables = dict[str, list[dict[str, Any]]]


def lay_all(connection: Connection) -> RoomId:
    """Rows that refer to others, and to their own table, forwards too; somebody signed in; a consumer at work."""
    room = lay_room(connection)
    held = {"consumer": "c", "stream_id": room, "lane": "pub", "epoch": EPOCH_PUB, "seq": 2, "claim": "x" * 26}
    connection.execute(insert(cursor).values(**held))
    return room


def lay_room(connection: Connection) -> RoomId:
    """As far as the first schema goes."""
    ground = Ground(connection)
    ground.account("price1")
    ground.account("host", role="host", department=None)
    room = ground.room()
    first = ground.post(room, "起步价为什么是 3 元？😀\n第二行")
    second = ground.post(room, "换乘优惠呢？")
    ground.reply(room, first, "按成本测算。")
    ground.post(room, "待审", state="pending", reasons=[{"phase": "wordlist", "from": 0, "to": 2, "x": None}])
    connection.execute(update(question).where(question.c.id == first).values(merged_into=second))
    signed_in = {"token_hash": "h" * 64, "account_id": "host", "created_at": NOW, "expires_at": NOW}
    connection.execute(insert(session).values(**signed_in))
    return room


EPOCH_PUB = next(epoch for which, epoch in EPOCH.items() if which.value == "pub")


def archived(url: str) -> bytes:
    out = io.BytesIO()
    back_up(url, out, version="0.1.0", at=NOW)
    return out.getvalue()


def tables(data: bytes) -> Tables:
    found: Tables = {}
    for section in ArchiveReader(io.BytesIO(data)).sections():
        found[section.name] = [dict(zip(section.columns, row, strict=True)) for row in section.rows]
    return found


def comparable(found: Tables) -> dict[str, list[str]]:
    """Rows without what a restore changes, in an order that no collation decides."""
    changed = {"epoch", "claim"}
    kept = {name: [row for row in found[name] if row.get("name") != "fingerprint"] for name in found}
    shown = {name: [{key: row[key] for key in row if key not in changed} for row in kept[name]] for name in kept}
    return {name: sorted(json.dumps(row, sort_keys=True, default=bytes.hex) for row in shown[name]) for name in shown}


def put_back(url: str, data: bytes, *, replace: bool = False) -> None:
    restore(url, io.BytesIO(data), replace=replace)


def test_a_restored_store_holds_what_was_backed_up_with_new_epochs(store_url: str, empty_url: str) -> None:
    on_connection(store_url, lay_all)
    data = archived(store_url)
    put_back(empty_url, data)

    before, after = tables(data), tables(archived(empty_url))
    assert comparable(after) == comparable(before)
    # Whatever table a later version adds is in it without anybody thinking of it.
    assert set(before) == set(metadata.tables) - LEFT_OUT
    assert {row["epoch"] for row in after["lane"]}.isdisjoint(EPOCH.values())
    assert on_connection(empty_url, differences) == []
    # A consumer is told of the end of its epoch by finding another one; nobody holds its place.
    assert {(row["epoch"], row["seq"], row["claim"]) for row in after["cursor"]} == {(EPOCH_PUB, 2, None)}


def test_from_where_people_wrote_is_in_no_backup(store_url: str, empty_url: str) -> None:
    def lay(connection: Connection) -> None:
        lay_all(connection)
        told = {"user_id": "g:1", "until": NOW, "reason": "刷屏", "created_by": "host", "created_at": NOW}
        for via, subject in (("account", "g:1"), ("device", "d:digest"), ("address", "a:digest")):
            connection.execute(insert(sanction).values(id=via, via=via, subject=subject, **told))
        connection.execute(insert(sighting).values(source="d:digest", user_id="g:1", via="device", at=NOW))

    on_connection(store_url, lay)
    data = archived(store_url)
    put_back(empty_url, data)

    assert "sighting" not in tables(data)
    for found in (tables(data), tables(archived(empty_url))):
        subjects = {row["via"]: row["subject"] for row in found["sanction"]}
        assert subjects == {"account": "g:1", "device": "", "address": ""}


@pytest.mark.anyio
async def test_a_restored_store_serves(store_url: str, tmp_path: Path) -> None:
    room = await asyncio.to_thread(on_connection, store_url, lay_all)
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    await asyncio.to_thread(put_back, url, await asyncio.to_thread(archived, store_url))
    store = await open_store(url, clock=FrozenClock())
    try:
        assert [item["body"] for item in (await store.transcript(room))["items"]][-1] == "按成本测算。"
    finally:
        await store.close()


def test_a_long_word_list_comes_back(sqlite_url: str, tmp_path: Path) -> None:
    # As long as one of 100,000 terms or so, which no deflating makes shorter.
    terms = random.Random(1).randbytes(7_000_000)
    version = {"scope": "city", "number": 1, "created_by": "", "created_by_name": "", "created_at": NOW}
    version |= {"reason": "x", "exceptions": "", "count": 1, "exception_count": 0, "digest": "d" * 64}

    def lay_list(connection: Connection) -> None:
        connection.execute(insert(word_list_version).values(**version, terms=terms))

    on_connection(sqlite_url, lay_list)
    restored = f"sqlite:///{tmp_path / 'restored.db'}"
    put_back(restored, archived(sqlite_url))
    kept = on_connection(
        restored, lambda connection: connection.execute(select(word_list_version.c.terms)).scalar_one()
    )
    assert kept == terms


def test_nobody_is_signed_in_by_a_backup(store_url: str) -> None:
    on_connection(store_url, lay_all)
    found = tables(archived(store_url))
    assert {"session", "ticket"}.isdisjoint(found)
    assert found["account"]


class Meanwhile(io.BytesIO):
    """What is written into, and does something else when the first bytes come."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self._act: Callable[[], None] | None = act

    def write(self, data: Any) -> int:
        if self._act is not None:
            act, self._act = self._act, None
            with ThreadPoolExecutor(1) as other:
                other.submit(act).result(20)
        return super().write(data)


def publish_one_more(connection: Connection) -> None:
    ground = Ground(connection)
    room = connection.execute(select(lane.c.stream_id).limit(1)).scalar_one()
    ground.post(RoomId(room), "在备份当中发布")


def torn(url: str) -> Tables:
    """A backup during which a question is published."""
    out = Meanwhile(lambda: on_connection(url, publish_one_more))
    back_up(url, out, version="0.1.0", at=NOW)
    return tables(out.getvalue())


def test_what_is_published_meanwhile_is_no_part_of_it(store_url: str) -> None:
    on_connection(store_url, lay_all)
    before = on_connection(store_url, lambda connection: _count(connection, event))
    found = torn(store_url)
    assert on_connection(store_url, lambda connection: _count(connection, event)) == before + 1
    assert len(found["event"]) == before
    assert len(found["post"]) == 4


def test_without_one_snapshot_a_backup_would_be_torn(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above."""
    monkeypatch.setattr(database_postgres, "snapshot_connection", database_postgres.migration_connection)
    on_connection(postgres_url, lay_all)
    assert len(torn(postgres_url)["post"]) == 5


def _count(connection: Connection, table: Any) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_store_that_holds_something_is_replaced_only_when_told(store_url: str) -> None:
    on_connection(store_url, lay_all)
    data = archived(store_url)
    on_connection(store_url, publish_one_more)
    with pytest.raises(NotRestored, match="--replace"):
        put_back(store_url, data)
    assert len(tables(archived(store_url))["post"]) == 5

    put_back(store_url, data, replace=True)
    assert comparable(tables(archived(store_url))) == comparable(tables(data))


def test_a_damaged_archive_leaves_the_store_as_it_was(store_url: str) -> None:
    on_connection(store_url, lay_all)
    data = archived(store_url)
    cut = data[: len(data) * 4 // 5]
    before = archived(store_url)
    with pytest.raises(BadArchive):
        put_back(store_url, cut, replace=True)
    assert archived(store_url) == before
    with pytest.raises(BadArchive):
        check(io.BytesIO(cut))
    assert check(io.BytesIO(data))[1].rows == sum(map(len, tables(data).values()))


def test_an_archive_of_an_older_schema_is_migrated(sqlite_url: str, empty_url: str) -> None:
    """Taken before `wenzheng migrate`, restored by the version after it."""
    step(sqlite_url, "0001")
    on_connection(sqlite_url, lay_room)
    data = archived(sqlite_url)
    assert ArchiveReader(io.BytesIO(data)).header.schema == "0001"
    put_back(empty_url, data)
    assert on_connection(empty_url, current_revision) == HEAD
    assert on_connection(empty_url, differences) == []


def test_a_schema_nobody_knows_is_refused(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = archived(sqlite_url)
    monkeypatch.setattr("persistence.restore.revisions", lambda: ["0001"])
    with pytest.raises(BadArchive, match="schema"):
        put_back(sqlite_url, data)


def test_a_row_that_does_not_fit_is_named_by_its_table_and_never_quoted(sqlite_url: str, postgres_url: str) -> None:
    def too_long(connection: Connection) -> None:
        row = {"id": "price", "name": "保密" * 100, "name_en": "", "mark": "价", "slot": 1}
        connection.execute(insert(department).values(**row))

    on_connection(sqlite_url, too_long)
    with pytest.raises(BadArchive, match="table department") as refused:
        put_back(postgres_url, archived(sqlite_url))
    assert "保密" not in str(refused.value)


def test_a_row_that_refers_to_nothing_is_refused(sqlite_url: str, empty_url: str) -> None:
    import sqlite3

    on_connection(sqlite_url, lay_all)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as loose:
        loose.execute("UPDATE post SET reply_to = 'nowhere' WHERE reply_to IS NOT NULL")
    loose.close()
    with pytest.raises(BadArchive, match="refers to one that is missing"):
        put_back(empty_url, archived(sqlite_url))


def test_nothing_is_restored_under_a_running_server(sqlite_url: str, tmp_path: Path) -> None:
    data = archived(sqlite_url)
    lock = ServerLock(tmp_path / "wenzheng.db")
    try:
        with pytest.raises(AlreadyServed):
            put_back(sqlite_url, data)
    finally:
        lock.release()
    put_back(sqlite_url, data)


@pytest.mark.anyio
async def test_nothing_is_restored_under_a_server_on_postgresql(postgres_url: str) -> None:
    data = await asyncio.to_thread(archived, postgres_url)
    store = await open_store(postgres_url)
    try:
        with pytest.raises(NotRestored, match="stop every server"):
            await asyncio.to_thread(put_back, postgres_url, data)
    finally:
        await store.close()
    await asyncio.to_thread(put_back, postgres_url, data)


def test_a_database_restored_by_its_own_tools_gets_new_epochs(store_url: str) -> None:
    on_connection(store_url, lay_all)
    renew_all_epochs(store_url)
    assert {row["epoch"] for row in tables(archived(store_url))["lane"]}.isdisjoint(EPOCH.values())


def test_there_is_nothing_to_back_up(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(NoStore):
        archived(empty_url)
    with pytest.raises(NoStore):
        archived(f"sqlite:///{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()


def test_memory_does_not_grow_with_the_store(sqlite_url: str, tmp_path: Path) -> None:
    """12 MB of rows through a few: what is held at once is a batch, on the way out and on the way in."""

    def much(connection: Connection) -> None:
        for batch in range(12):
            ids = range(batch * 500, batch * 500 + 500)
            rows = [_entry(number) for number in ids]
            connection.execute(insert(audit), rows)

    on_connection(sqlite_url, much)
    file = tmp_path / "backup"
    # A server that ran in this process has the collector come seldom; what it would have taken is not held by us.
    seldom = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    tracemalloc.start()
    try:
        with file.open("wb") as out:
            back_up(sqlite_url, out, version="0.1.0", at=NOW)
        with file.open("rb") as source:
            restore(f"sqlite:///{tmp_path / 'other.db'}", source, replace=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.set_threshold(*seldom)
    assert peak < 6_000_000


def _entry(number: int) -> dict[str, Any]:
    said = {"action": "test:row:fill", "actor_id": "x", "subject": "s", "at": NOW}
    return {"id": f"{number:026d}", "detail": f"{number:06d}" * 330, **said}
