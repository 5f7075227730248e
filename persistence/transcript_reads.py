"""A room's public record: every publication in order, and the threads over the same items."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from sqlalchemy import Connection, select

from kernel.ids import RoomId
from kernel.refusals import Refusal
from persistence.items import present_items
from persistence.lane_reads import read_head
from persistence.reader import SEQ_MAX, page
from persistence.room_rows import read_room
from persistence.schema import event, post, room
from persistence.threads import PUBLIC, Thread, thread_rows, threads_of, with_items
from rooms.model import Lane, PostKind


def read_transcript(connection: Connection, wanted: RoomId) -> dict[str, Any]:
    """`{room, epoch, head, items, questions, hidden, hidden_at, corrected}`; raises `no_room`.

    `hidden` gives the reason for each gap and `hidden_at` its time, `corrected` the numbers and times of what changed
    a text, all by post.
    """
    found = read_room(connection, room.c.id == wanted)
    if found is None:
        raise Refusal("no_room")
    head = read_head(connection, wanted, Lane.PUB)
    query = present_items(Lane.PUB).where(post.c.room_id == wanted, PUBLIC).order_by(event.c.seq)
    rows = with_items(connection.execute(query))
    hidden = {row.post_id: row.hidden for row, _ in rows if row.hidden}
    return {
        "room": found.to_wire(),
        "epoch": head.epoch,
        "head": head.seq,
        "items": [item for _, item in rows],
        "questions": [_thread(thread) for thread in threads_of(rows) if _is_question(thread)],
        "hidden": hidden,
        "hidden_at": _hidden_at(connection, wanted, hidden) if hidden else {},
        "corrected": _corrections(connection, wanted),
    }


def read_questions(
    connection: Connection, wanted: RoomId, before: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of threads, newest first; the cursor is the number of the last question of a page."""
    size = page(limit)
    query = (
        select(post.c.id, post.c.seq)
        .where(post.c.room_id == wanted, post.c.reply_to.is_(None), post.c.seq < _position(before))
        .where(post.c.kind == PostKind.QUESTION.value)
        .order_by(post.c.seq.desc())
        .limit(size + 1)
    )
    newest = connection.execute(query).all()
    rows = thread_rows(connection, [row.id for row in newest[:size]])
    threads = sorted(threads_of(with_items(rows)), key=lambda thread: -thread.root.seq)
    items = [
        {**thread.item, "number": thread.root.number, "replies": thread.replies, "tally": list(thread.tally)}
        for thread in threads
    ]
    return items, str(newest[size - 1].seq) if len(newest) > size else None


def _position(before: str | None) -> int:
    if before is None:
        return SEQ_MAX
    if not (before.isascii() and before.isdigit() and len(before) <= 16):
        raise Refusal("bad_request", field="before")
    return int(before)


def _is_question(thread: Thread) -> bool:
    return bool(thread.root.post_kind == PostKind.QUESTION.value)


def _thread(thread: Thread) -> dict[str, Any]:
    return {
        "number": thread.root.number,
        "q": thread.root.question_id,
        "item": thread.item,
        "replies": thread.replies,
        "tally": list(thread.tally),
    }


def _hidden_at(connection: Connection, wanted: RoomId, hidden: Container[str]) -> dict[str, int]:
    """When what is hidden now was hidden: the last time, where it had been shown again in between."""
    query = (
        select(event.c.ref, event.c.at)
        .where(event.c.stream_id == wanted, event.c.lane == Lane.PUB.value, event.c.kind == "redact")
        .order_by(event.c.seq)
    )
    return {row.ref: row.at for row in connection.execute(query) if row.ref in hidden}


def _corrections(connection: Connection, wanted: RoomId) -> dict[str, list[dict[str, int]]]:
    query = (
        select(event.c.ref, event.c.seq, event.c.at)
        .where(event.c.stream_id == wanted, event.c.lane == Lane.PUB.value, event.c.kind == "edit")
        .order_by(event.c.seq)
    )
    corrected: dict[str, list[dict[str, int]]] = {}
    for row in connection.execute(query):
        corrected.setdefault(row.ref, []).append({"s": row.seq, "at": row.at})
    return corrected
