"""A consumer as a later domain would be one: it keeps a table of its own, and tells somebody outside besides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, String, Table, Text, delete, insert, select

from persistence.store import Store
from rooms.following.ports import EpochChanged, Event, GoOn, Place, Write
from rooms.model import Lane

_metadata = MetaData()
# No key on the number: an event that is written twice is there twice.
noted = Table(
    "demo_noted",
    _metadata,
    Column("n", Integer, primary_key=True),
    Column("consumer", String(32)),
    Column("stream", String(26)),
    Column("lane", String(8)),
    Column("epoch", String(16)),
    Column("seq", BigInteger),
    Column("body", Text),
)


async def make_table(store: Store) -> None:
    # A test that was cut off may have left one behind, rows and all.
    await drop_table(store)
    await store.database.write(_metadata.create_all)


async def drop_table(store: Store) -> None:
    await store.database.write(_metadata.drop_all)


async def notes(store: Store, consumer: str) -> list[tuple[Place, str, int]]:
    """What was written, in order of writing: place, epoch, number."""
    query = select(noted).where(noted.c.consumer == consumer).order_by(noted.c.n)
    rows: Any = await store.database.read(lambda connection: connection.execute(query).all())
    return [(Place(row.stream, Lane(row.lane)), row.epoch, row.seq) for row in rows]


class Demo:
    """`told` is the effect outside: seen again after a crash. `before` may refuse an event, `spoilt` its write."""

    def __init__(
        self,
        name: str = "demo",
        lanes: frozenset[Lane] = frozenset({Lane.PUB, Lane.DESK}),
        *,
        before: Callable[[Event], None] = lambda event: None,
        spoilt: Callable[[Event], bool] = lambda event: False,
    ) -> None:
        self.name = name
        self.lanes = lanes
        self.told: list[tuple[Place, str, int]] = []
        self.bodies: list[str | None] = []
        self.voids: list[EpochChanged] = []
        self.goes_on = False  # after another epoch; otherwise it begins again
        self._before = before
        self._spoilt = spoilt

    async def handle(self, event: Event) -> Write | None:
        self._before(event)
        self.told.append((event.place, event.epoch, event.seq))
        self.bodies.append(event.item.get("body"))
        return partial(self._note, event=event)

    async def epoch_changed(self, change: EpochChanged) -> GoOn:
        self.voids.append(change)
        if self.goes_on:
            return GoOn(change.kept)
        return GoOn(0, partial(self._forget, place=change.place))

    def _note(self, connection: Connection, event: Event) -> None:
        row = insert(noted).values(consumer=self.name, stream=event.place.stream, lane=event.place.lane.value)
        connection.execute(row.values(epoch=event.epoch, seq=event.seq, body=event.item.get("body")))
        if self._spoilt(event):
            raise ValueError("a write that the store will not have")

    def _forget(self, connection: Connection, place: Place) -> None:
        connection.execute(
            delete(noted).where(
                noted.c.consumer == self.name, noted.c.stream == place.stream, noted.c.lane == place.lane.value
            )
        )
