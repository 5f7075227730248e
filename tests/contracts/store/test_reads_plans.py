"""How SQLite carries the reads out: the hot ones find their rows by index and never look through a whole table."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event

from kernel.ids import RoomId, UserId
from persistence.author_reads import read_author
from persistence.cursors import read_behind
from persistence.lane_reads import read_events, read_heads
from persistence.overview_reads import read_figures
from persistence.own_posts import read_my
from persistence.queue_reads import read_queue
from persistence.schema import post
from persistence.snapshots import read_snapshot
from persistence.store import Store
from persistence.transcript_reads import read_questions
from rooms.model import Lane, PostKind
from tests.contracts.store.ground import ASKER, NOW, Ground, lay

pytestmark = pytest.mark.anyio

# The tables that grow; the rest is as large as a city has departments and a room has seats.
LARGE = ("post", "post_version", "event", "question", "ruling", "lane", "room", "sanction", "vote", "cursor")
READS: dict[str, Callable[..., Any]] = {
    "heads": lambda connection, room: read_heads(connection, [room]),
    "events": lambda connection, room: read_events(connection, room, Lane.PUB, 3, 50),
    "queue": lambda connection, room: read_queue(connection, None, None, None, 20, NOW),
    "queue of a room": lambda connection, room: read_queue(connection, room, "waiting", f"{NOW}.x", 20, NOW),
    "decided": lambda connection, room: read_queue(connection, None, "decided", f"{NOW}.x", 20, NOW),
    "questions": lambda connection, room: read_questions(connection, room, None, 20),
    "author": lambda connection, room: read_author(connection, UserId(ASKER), None),
    "author in a room": lambda connection, room: read_author(connection, UserId(ASKER), room),
    "figures": lambda connection, room: read_figures(connection, [room]),
    "behind in named rooms": lambda connection, room: read_behind(connection, "demo", [Lane.PUB], [room], None, 50),
    "my": lambda connection, room: read_my(connection, room, UserId(ASKER), 20, NOW),
    **{
        f"snapshot {lane}": lambda connection, room, lane=lane: read_snapshot(connection, room, lane, 50)
        for lane in Lane
    },
}


@pytest.mark.parametrize("read", READS)
async def test_a_hot_read_finds_its_rows_by_index(sqlite_store: Store, read: str) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        for _ in range(30):
            asked = ground.post(room)
            ground.reply(room, asked, "答")
            ground.reply(room, asked, "记", kind=PostKind.NOTE)
            ground.post(room, state="pending")
        ground.mark(asked, "pin", True)
        return room

    room = await lay(sqlite_store, build)

    plan = await sqlite_store.database.read(partial(_plan, read=READS[read], room=room))

    assert plan
    assert [step for step in plan if _looks_through(step)] == []


async def test_an_analysed_database_full_of_unanswered_questions_finds_answers_by_index(sqlite_store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        _copy(ground, ground.post(room), 2_000)
        ground.connection.exec_driver_sql("ANALYZE")
        return room

    room = await lay(sqlite_store, build)

    plan = await sqlite_store.database.read(partial(_plan, read=READS["snapshot pub"], room=room))

    assert any("ix_post_reply_to" in step for step in plan)


def _copy(ground: Ground, model: str, times: int) -> None:
    """The same question over and over, as fast as the database can write it down."""
    of_its_own = {"id": "printf('copy%022d', i)", "cid": "printf('%d', i)", "seq": "100 + i"}
    columns = [column.name for column in post.columns]
    names, values = ", ".join(columns), ", ".join(of_its_own.get(name, name) for name in columns)
    ground.connection.exec_driver_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        f"INSERT INTO post ({names}) SELECT {values} FROM post, n WHERE id = ?",
        (times, model),
    )


def _looks_through(step: str) -> bool:
    """A SCAN of a large table; one of a partial index reads only what is marked or waits."""
    scanned = re.match(r"SCAN (\w+)(?P<how>.*)", step)
    if scanned is None or scanned[1] not in LARGE:
        return False
    return "ix_post_waiting" not in scanned["how"] and "ix_ruling_at" not in scanned["how"]


def _plan(connection: Connection, read: Callable[..., Any], room: RoomId) -> list[str]:
    said: list[tuple[str, Any]] = []

    def listen(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        said.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", listen)
    try:
        read(connection, room)
    finally:
        event.remove(connection, "before_cursor_execute", listen)
    steps = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all() for text, values in said]
    return [row[3] for step in steps for row in step]
