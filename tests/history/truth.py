"""What the store holds in the end, against which the record is judged, and what a judgment looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, select

from persistence.database import Database
from persistence.items import item_of, replayed_items
from persistence.schema import event, lane, post, post_version, ruling

TEXTS = ("msg", "edit", "restore")


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken. `rule`: I1 … I10."""

    rule: str
    what: str
    process: str = ""
    at: float = 0.0

    def __str__(self) -> str:
        return f"{self.rule} {self.what}" + (f" ({self.process} at {self.at:.3f})" if self.process else "")


@dataclass(frozen=True, slots=True)
class LaneTruth:
    """One lane: items `1 … head` of its present epoch, as they are replayed now."""

    epoch: str
    items: Sequence[Mapping[str, Any]]

    @property
    def head(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class PostTruth:
    """A stored post. `approved`: every text of it that was ever published, hidden since or not."""

    post: str
    room: str
    author: str
    cid: str
    state: str
    approved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Truth:
    """`rulings`: (post, version) → (moderator, verdict).

    `lost`: spans of time (from, to) whose acknowledgements a restore from backup is known to have undone.
    """

    lanes: Mapping[tuple[str, str], LaneTruth] = field(default_factory=dict)
    posts: Mapping[str, PostTruth] = field(default_factory=dict)
    rulings: Mapping[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    lost: Sequence[tuple[float, float]] = ()

    def forgiven(self, ended: float) -> bool:
        return any(start <= ended <= end for start, end in self.lost)


class HasDatabase(Protocol):
    @property
    def database(self) -> Database: ...


async def read_truth(store: HasDatabase, *, lost: Sequence[tuple[float, float]] = ()) -> Truth:
    """All rooms of a store, in one transaction; nothing of the feed or of any cache is asked."""
    return await store.database.read(lambda connection: truth_of(connection, lost))


def truth_of(connection: Connection, lost: Sequence[tuple[float, float]] = ()) -> Truth:
    lanes = {}
    for row in connection.execute(select(lane)).all():
        query = replayed_items().where(event.c.stream_id == row.stream_id, event.c.lane == row.lane)
        items = [item_of(found) for found in connection.execute(query.order_by(event.c.seq))]
        lanes[str(row.stream_id), str(row.lane)] = LaneTruth(row.epoch, items)
    rulings = {(row.post_id, row.version): (row.moderator_id, row.ruling) for row in connection.execute(select(ruling))}
    return Truth(lanes, _posts(connection), rulings, lost)


def _posts(connection: Connection) -> dict[str, PostTruth]:
    shown = (
        select(event.c.ref, post_version.c.body)
        .join(post_version, (post_version.c.post_id == event.c.ref) & (post_version.c.version == event.c.version))
        .where(event.c.kind.in_(TEXTS))
    )
    approved: dict[str, set[str]] = {}
    for row in connection.execute(shown):
        approved.setdefault(row.ref, set()).add(row.body)
    return {
        row.id: PostTruth(
            row.id, row.room_id, row.author_id, row.cid, row.state, frozenset(approved.get(row.id, frozenset()))
        )
        for row in connection.execute(select(post))
    }
