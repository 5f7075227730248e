"""Durable cursors: each consumer's place on each lane, moved by compare-and-set."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from persistence.cursors import Position, Reading, advance_cursor, read_cursor
from persistence.store import Store
from rooms.model import Lane

pytestmark = pytest.mark.anyio

SEARCH = Reading("search", "room1", Lane.PUB)


async def test_a_cursor_moves_only_from_where_it_stands(store: Store) -> None:
    def move(since: Position | None, to: Position) -> Any:
        return store.database.write(partial(advance_cursor, reading=SEARCH, since=since, to=to))

    assert await store.database.read(partial(read_cursor, reading=SEARCH)) is None
    assert await move(None, Position("e", 5)) is True
    assert await move(None, Position("e", 9)) is False
    assert await move(Position("e", 4), Position("e", 9)) is False
    assert await move(Position("e", 5), Position("e", 9)) is True
    # A new epoch begins where its numbers begin.
    assert await move(Position("e", 9), Position("f", 0)) is True
    assert await store.database.read(partial(read_cursor, reading=SEARCH)) == Position("f", 0)
    other = Reading("export", "room1", Lane.PUB)
    assert await store.database.read(partial(read_cursor, reading=other)) is None


async def test_of_two_workers_one_has_done_the_stretch(store: Store) -> None:
    moves = [
        store.database.write(partial(advance_cursor, reading=SEARCH, since=None, to=Position("e", n))) for n in range(8)
    ]

    assert sum(await asyncio.gather(*moves)) == 1
