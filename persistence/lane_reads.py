"""Lanes as logs: where they stand, what happened on them, and the one change a reader may ask for: a new epoch."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from kernel.ids import RoomId
from kernel.refusals import Refusal
from persistence.items import item_of, replayed_items
from persistence.reader import SEQ_MAX
from persistence.schema import event, lane
from rooms.model import Lane
from rooms.ports import Head, Slice

EVENTS_MAX = 2_000
# Below the number of parameters either database takes in one statement.
_ROOMS_AT_ONCE = 5_000


def read_heads(connection: Connection, rooms: Sequence[RoomId]) -> dict[tuple[RoomId, Lane], Head]:
    heads: dict[tuple[RoomId, Lane], Head] = {}
    # Asked for no room the database is asked all the same: that it answers is half of the answer.
    for start in range(0, max(len(rooms), 1), _ROOMS_AT_ONCE):
        query = select(lane).where(lane.c.stream_id.in_(rooms[start : start + _ROOMS_AT_ONCE]))
        for row in connection.execute(query):
            heads[RoomId(row.stream_id), Lane(row.lane)] = Head(row.epoch, row.head_seq)
    return heads


def read_head(connection: Connection, room: RoomId, wanted: Lane) -> Head:
    """Raises `no_room` where there is no such lane."""
    query = select(lane.c.epoch, lane.c.head_seq).where(lane.c.stream_id == room, lane.c.lane == wanted.value)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Refusal("no_room")
    return Head(row.epoch, row.head_seq)


def renew_epoch(connection: Connection, room: RoomId, wanted: Lane, epoch: str) -> Head:
    """A compare-and-set: whoever comes second finds the epoch already another, and changes nothing."""
    connection.execute(
        update(lane)
        .where(lane.c.stream_id == room, lane.c.lane == wanted.value, lane.c.epoch == epoch)
        .values(epoch=secrets.token_hex(8))
    )
    return read_head(connection, room, wanted)


def read_events(connection: Connection, room: RoomId, wanted: Lane, after: int, limit: int) -> Slice:
    """At most `EVENTS_MAX` events; from a position the lane has not reached yet, none."""
    head = read_head(connection, room, wanted)
    after = max(0, min(after, SEQ_MAX))
    limit = min(limit, EVENTS_MAX, head.seq - after)
    if limit < 1:
        return Slice(head.epoch, head.seq, [])
    query = (
        replayed_items()
        .where(event.c.stream_id == room, event.c.lane == wanted.value)
        .where(event.c.seq > after, event.c.seq <= after + limit)
        .order_by(event.c.seq)
    )
    return Slice(head.epoch, head.seq, [item_of(row) for row in connection.execute(query)])
