"""The one database of a simulated city: a real SQLite in memory under the real statements, and a wire that fails."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from unittest.mock import patch

from sqlalchemy import Connection, create_engine, event, select, update
from sqlalchemy.pool import StaticPool

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, RoomId
from kernel.refusals import Refusal
from moderation.commands import Command
from persistence import epochs, transaction
from persistence.loading import load
from persistence.migrate import migrate
from persistence.schema import lane
from persistence.store import open_store
from rooms.working_set import WorkingSet
from tests.factories import live_room

T = TypeVar("T")


@cache
def template() -> tuple[sqlite3.Connection, tuple[RoomId, ...]]:
    """A migrated database with the people of `tests.factories` and two rooms on air, made once for a process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "city.db"
        migrate(f"sqlite:///{file}")

        async def lay() -> tuple[RoomId, ...]:
            clock, ids = FrozenClock(), CountingIds()
            store = await open_store(f"sqlite:///{file}", clock=clock)
            rooms = [await live_room(store, clock, ids) for _ in range(2)]
            await store.close()
            return tuple(room.id for room in rooms)

        rooms = asyncio.run(lay())
        kept = sqlite3.connect(":memory:")
        with contextlib.closing(sqlite3.connect(file)) as source:
            source.backup(kept)
    return kept, rooms


class Disk:
    """What survives every crash. Transactions run whole, one after the other, in the step that asks for them."""

    def __init__(self) -> None:
        self.timeline = 1  # every replica that takes over begins another
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._engine = create_engine("sqlite+pysqlite://", creator=lambda: self._connection, poolclass=StaticPool)
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))

    def fresh(self) -> tuple[RoomId, ...]:
        """As on the first day; answers the rooms there are."""
        self.timeline = 1
        kept, rooms = template()
        kept.backup(self._connection)
        return rooms

    @property
    def fingerprint(self) -> str:
        return f"simulated/{self.timeline}"

    def transact(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    def epochs(self) -> dict[tuple[str, str], str]:
        """Of every lane, by room and lane."""
        rows = self.transact(lambda connection: connection.execute(select(lane)).all())
        return {(row.stream_id, row.lane): row.epoch for row in rows}

    def backup(self) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:")
        self._connection.backup(copy)
        return copy

    def restore(self, copy: sqlite3.Connection, mark: str) -> None:
        """As the operator's tool does it: what was numbered since is void, so every lane begins a new epoch."""
        copy.backup(self._connection)

        def mend(connection: Connection) -> None:
            epochs.remember(connection, self.fingerprint)
            connection.execute(update(lane).values(epoch=lane.c.epoch + mark))

        self.transact(mend)

    def fail_over(self, copy: sqlite3.Connection) -> None:
        """To a replica that had come as far as `copy`; nobody says so, but it begins a timeline."""
        copy.backup(self._connection)
        self.timeline += 1


@dataclass(slots=True)
class Weather:
    """How the wire between one node and the database does at present; chances from 0 to 1, times in seconds."""

    away: bool = False
    slowest_s: float = 0.02
    refused: float = 0.0
    unknown: float = 0.0  # committed, and the answer is lost
    old_view: float = 0.0  # posts are read as they were when the request left, as if no row were locked


class SimDatabase:
    """What a node sees of the disk (`persistence.database.Database`)."""

    def __init__(self, disk: Disk, weather: Weather, chance: Random) -> None:
        self._disk = disk
        self._weather = weather
        self._chance = chance
        self._connected_to = 0  # the timeline of the server that this node's connections lead to
        self._fingerprint: str | None = None

    async def read(self, query: Callable[[Connection], T]) -> T:
        await self._travel()
        self._recognise()
        answer = self._disk.transact(query)
        await self._travel()
        return answer

    async def write(self, change: Callable[[Connection], T]) -> T:
        old = self._old_view(change)
        await self._travel()
        if old is not None:
            await asyncio.sleep(self._chance.uniform(0, 0.4))
        self._recognise()
        with _posts_from(old):
            answer = self._disk.transact(change)
        # Here the commit is done, and anything may still happen to who asked for it.
        if self._chance.random() < self._weather.unknown:
            await asyncio.sleep(self._chance.uniform(0, 1))
            raise Refusal("unavailable")
        await self._travel()
        return answer

    def _recognise(self) -> None:
        """As `PostgresDatabase` does on each new connection; a fail-over ends those of before."""
        if self._connected_to == self._disk.timeline:
            return
        present = self._disk.fingerprint
        self._disk.transact(partial(epochs.settle, present=present, known=self._fingerprint))
        self._fingerprint, self._connected_to = present, self._disk.timeline

    async def _travel(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, self._weather.slowest_s))
        if self._weather.away or self._chance.random() < self._weather.refused:
            await asyncio.sleep(self._chance.uniform(0, 0.2))
            raise Refusal("unavailable")

    def _old_view(self, change: Callable[[Connection], Any]) -> WorkingSet | None:
        batch = isinstance(change, partial) and change.func is transaction.execute
        if not batch or self._chance.random() >= self._weather.old_view:
            return None
        given: dict[str, Any] = change.keywords  # type: ignore[attr-defined]  # a partial, as was just seen
        return self._disk.transact(partial(load, batch=given["batch"], now=given["now"]))

    async def ping(self) -> None:
        await self._travel()

    async def close(self) -> None:
        """Nothing is held."""


@contextlib.contextmanager
def _posts_from(old: WorkingSet | None) -> Iterator[None]:
    """Decides on posts as they were; everything else is as it is."""
    if old is None:
        yield
        return

    def aged(connection: Connection, batch: list[Command], now: int) -> WorkingSet:
        fresh = load(connection, batch, now)
        for text in old.texts:
            fresh.texts.load((text.post, text.version), text)
        for post in old.posts:
            fresh.rooms.load(post.room, old.rooms[post.room])
        for post in fresh.posts:
            old.posts.load(post.id, post)
        fresh.posts = old.posts
        return fresh

    with patch.object(transaction, "load", aged):
        yield
