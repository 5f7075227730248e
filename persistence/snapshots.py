"""A lane as it stands: what somebody who comes new needs, and nothing older than that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select, text

from kernel.ids import PostId, RoomId
from kernel.refusals import Refusal
from persistence.items import item_of, present_items
from persistence.lane_reads import read_head
from persistence.reader import PAGE_MAX
from persistence.room_rows import read_room
from persistence.schema import account, event, post, room, seat
from persistence.threads import PUBLIC, thread_rows
from rooms.model import Lane, PostKind
from rooms.ports import Head, Snapshot

# Written out as the partial indexes are: a bound comparison would hide from SQLite that they apply.
_MARKED = text("(post.pinned OR post.staged)")


def read_snapshot(connection: Connection, wanted: RoomId, lane: Lane, tail: int) -> Snapshot:
    """Raises `no_room`."""
    head = read_head(connection, wanted, lane)
    tail = max(0, min(tail, PAGE_MAX))
    if lane is Lane.PUB:
        return _public(connection, wanted, head, tail)
    if lane is Lane.DESK:
        return _desk(connection, wanted, head, tail)
    waiting = connection.execute(select(room.c.waiting).where(room.c.id == wanted)).scalar_one()
    return _snapshot(head, {"waiting": waiting}, (), (), more=False)


def newest_roots(connection: Connection, wanted: RoomId, before: int, limit: int) -> list[str]:
    """Ids of public posts that answer nothing, newest first, numbered below `before`."""
    query = (
        select(post.c.id)
        .where(post.c.room_id == wanted, post.c.reply_to.is_(None), post.c.seq < before, PUBLIC)
        .order_by(post.c.seq.desc())
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def _public(connection: Connection, wanted: RoomId, head: Head, tail: int) -> Snapshot:
    found = read_room(connection, room.c.id == wanted)
    if found is None:
        raise Refusal("no_room")
    newest = newest_roots(connection, wanted, head.seq + 1, tail + 1)
    marked = _marked(connection, wanted, note=False)
    roots = [*newest[:tail], *_roots_above(connection, [row.id for row in marked])]
    rows = thread_rows(connection, roots)
    return _snapshot(head, found.to_wire(), rows, marked, more=len(newest) > tail)


def _desk(connection: Connection, wanted: RoomId, head: Head, tail: int) -> Snapshot:
    """Notes stand each for itself: the newest, and the marked ones."""
    numbered = (
        select(event.c.ref)
        .where(event.c.stream_id == wanted, event.c.lane == Lane.DESK.value, event.c.kind == "msg")
        .order_by(event.c.seq.desc())
        .limit(tail + 1)
    )
    newest = list(connection.execute(numbered).scalars())
    marked = _marked(connection, wanted, note=True)
    notes = {*newest[:tail], *(row.id for row in marked)}
    query = present_items(Lane.DESK).where(post.c.id.in_(notes)).order_by(event.c.seq)
    rows = connection.execute(query).all() if notes else ()
    return _snapshot(head, {"seats": _seats(connection, wanted)}, rows, marked, more=len(newest) > tail)


def _marked(connection: Connection, wanted: RoomId, *, note: bool) -> Sequence[Row[Any]]:
    """Pinned and staged posts of the public lane, or of the desk; the order is that of pinning."""
    is_note = post.c.kind == PostKind.NOTE.value
    query: Select[Any] = (
        select(post.c.id, post.c.pinned, post.c.staged)
        .where(post.c.room_id == wanted, _MARKED, post.c.seq.is_not(None), is_note if note else ~is_note)
        .order_by(post.c.pin_seq, post.c.stage_seq)
    )
    return connection.execute(query).all()


def _roots_above(connection: Connection, posts: Sequence[str]) -> list[str]:
    if not posts:
        return []
    chain = select(post.c.id, post.c.reply_to).where(post.c.id.in_(posts)).cte("chain", recursive=True)
    above = select(post.c.id, post.c.reply_to).join(chain, post.c.id == chain.c.reply_to)
    chain = chain.union(above)
    return list(connection.execute(select(chain.c.id).where(chain.c.reply_to.is_(None))).scalars())


def _seats(connection: Connection, wanted: RoomId) -> list[dict[str, Any]]:
    query = (
        select(seat.c.department_id, account.c.name)
        .join(account, account.c.id == seat.c.account_id)
        .where(seat.c.room_id == wanted)
        .order_by(seat.c.taken_at, account.c.id)
    )
    return [{"dept": row.department_id, "name": row.name} for row in connection.execute(query)]


def _snapshot(
    head: Head, state: dict[str, Any], rows: Sequence[Row[Any]], marked: Sequence[Row[Any]], *, more: bool
) -> Snapshot:
    return Snapshot(
        epoch=head.epoch,
        head=head.seq,
        state=state,
        items=[item_of(row) for row in rows],
        pinned=[PostId(row.id) for row in marked if row.pinned],
        stage=[PostId(row.id) for row in marked if row.staged],
        tally={PostId(row.post_id): (row.up, row.down) for row in rows if not row.hidden and (row.up or row.down)},
        more=more,
    )
