"""Durable cursors: what is behind, who may work at it, and that only who holds a place moves it."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlalchemy import Connection, insert, update

from kernel.ids import RoomId
from persistence import cursors, schema
from persistence.store import Store
from rooms.following.ports import Behind, Claimed, Place, Position, Write
from rooms.model import Lane
from tests.contracts.store.ground import EPOCH, Ground, lay

pytestmark = pytest.mark.anyio

LANES = (Lane.PUB, Lane.DESK)
FIRST = Position(EPOCH[Lane.PUB], 0)


async def behind(store: Store, consumer: str = "demo") -> list[Behind]:
    return await store.behind(consumer, LANES, limit=50)


async def taken(store: Store, claim: str = "one", consumer: str = "demo") -> Claimed:
    (seen,) = await behind(store, consumer)
    held = await store.claim(consumer, seen, claim)
    assert held is not None
    return held


async def talked(store: Store, *, posts: int = 3) -> RoomId:
    """A room whose public lane has `posts` events."""

    def build(ground: Ground) -> RoomId:
        room = ground.room()
        for n in range(posts):
            ground.post(room, f"第{n}问")
        return room

    return await lay(store, build)


def to(seq: int) -> Position:
    return Position(EPOCH[Lane.PUB], seq)


def note(mark: str) -> Write:
    """A row of the store, in the same transaction."""

    def write(connection: Connection) -> None:
        connection.execute(insert(schema.deployment).values(name=mark, value=b"x"))

    return write


async def noted(store: Store, mark: str) -> bool:
    query = schema.deployment.select().where(schema.deployment.c.name == mark)
    return await store.database.read(lambda connection: connection.execute(query).first() is not None)


async def test_a_room_nobody_has_told_of_is_found(store: Store) -> None:
    assert await behind(store) == []
    room = await talked(store)
    await talked(store, posts=0)

    (seen,) = await behind(store)

    assert seen.place == Place(room, Lane.PUB)
    assert (seen.head.seq, seen.position, seen.claim, seen.beat, seen.failures) == (3, None, None, 0, 0)
    assert await store.behind("demo", (Lane.MOD,), limit=50) == []
    assert await store.behind("demo", LANES, streams={"another"}, limit=50) == []
    assert await store.behind("demo", LANES, streams={room}, limit=50) == [seen]


async def test_many_rooms_are_pages(store: Store) -> None:
    rooms = sorted([await talked(store, posts=1) for _ in range(5)])
    found, after = [], None
    while page := await store.behind("demo", LANES, after=after, limit=2):
        found += [one.place.stream for one in page]
        after = page[-1].place
    assert found == rooms


async def test_whoever_is_at_the_head_is_not_behind(store: Store) -> None:
    room = await talked(store)
    held = await taken(store)
    assert await store.advance(held, FIRST, to(3), [], release=True) is True
    assert await behind(store) == []
    assert len(await behind(store, "another")) == 1, "every consumer stands where it stands"

    await lay(store, lambda ground: ground.post(room, "还有"))

    (seen,) = await behind(store)
    assert (seen.position, seen.claim) == (to(3), None)


async def test_of_many_who_take_a_place_one_has_it(store: Store, other: Store) -> None:
    await talked(store)
    for round_ in range(2):  # the first time there is no row, the second there is one
        (seen,) = await behind(store)
        nodes = [store, other] * 3
        held = await asyncio.gather(
            *(node.claim("demo", seen, f"{round_}{n}") for n, node in enumerate(nodes)),
        )
        (won,) = [one for one in held if one is not None]
        (now,) = await behind(store)
        assert now.claim == won.claim
        await store.give_back(won, failed=False)


async def test_what_has_been_replaced_moves_nothing(store: Store, other: Store) -> None:
    await talked(store)
    old = await taken(store)
    new = await taken(other, "two")

    assert await store.advance(old, FIRST, to(1), [note("old")], release=False) is False
    await store.give_back(old, failed=True)
    assert await store.keep("demo", [old]) == set()

    assert not await noted(store, "old")
    (seen,) = await behind(store)
    assert (seen.claim, seen.position, seen.failures) == ("two", FIRST, 0)
    assert await other.advance(new, FIRST, to(1), [note("new")], release=False) is True
    assert await noted(store, "new")


async def test_without_the_fence_the_replaced_would_move_it(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above fails without the mechanism it stands for."""
    monkeypatch.setattr(cursors, "_ours", lambda held: cursors._at(held.consumer, held.place))
    await talked(store)
    old = await taken(store)
    await taken(other, "two")
    assert await store.advance(old, FIRST, to(1), [note("old")], release=False) is True
    assert await noted(store, "old")


async def test_a_cursor_moves_only_from_where_it_stands(store: Store) -> None:
    await talked(store)
    held = await taken(store)
    assert await store.advance(held, to(1), to(2), [note("never")], release=False) is False
    assert await store.advance(held, FIRST, to(2), [note("once")], release=False) is True
    assert await store.advance(held, FIRST, to(2), [note("never")], release=False) is False
    assert not await noted(store, "never")
    assert await store.advance(held, to(2), to(3), [], release=False) is True


async def test_a_write_that_fails_undoes_the_move_and_its_neighbours(store: Store) -> None:
    await talked(store)
    held = await taken(store)

    def fail(connection: Connection) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.advance(held, FIRST, to(2), [note("neighbour"), fail], release=False)

    assert not await noted(store, "neighbour")
    (seen,) = await behind(store)
    assert (seen.position, seen.claim) == (FIRST, held.claim)


async def test_tries_are_counted_until_one_succeeds(store: Store) -> None:
    await talked(store)
    for n in range(3):
        (seen,) = await behind(store)
        assert seen.failures == n
        await store.give_back(await taken(store, str(n)), failed=True)
    held = await taken(store, "again")
    assert await store.advance(held, FIRST, to(1), [], release=False) is True
    (seen,) = await behind(store)
    assert seen.failures == 0


async def test_whatever_happens_to_a_cursor_shows_in_its_beat(store: Store) -> None:
    """Others take over who is silent; so nothing a holder does may look like silence."""
    await talked(store)
    held = await taken(store)
    beats = [(await behind(store))[0].beat]
    for step in (
        partial(store.keep, "demo", [held]),
        partial(store.advance, held, FIRST, to(1), [], release=False),
        partial(store.give_back, held, failed=False),
        partial(taken, store, "two"),
    ):
        await step()
        beats.append((await behind(store))[0].beat)
    assert beats == sorted(set(beats))


async def test_whoever_lives_keeps_what_it_holds(store: Store) -> None:
    for _ in range(2):
        await talked(store)
    first, second = [await store.claim("demo", seen, seen.place.stream) for seen in await behind(store)]
    assert first is not None
    assert second is not None
    await store.give_back(second, failed=False)
    assert await store.keep("demo", [first, second]) == {first.claim}
    assert await store.keep("another", [first]) == set()


async def test_another_epoch_is_something_to_do_even_at_the_same_number(store: Store) -> None:
    room = await talked(store)
    await store.advance(await taken(store), FIRST, to(3), [], release=True)

    renewed = await store.renew_epoch(room, Lane.PUB, EPOCH[Lane.PUB])

    (seen,) = await behind(store)
    assert (seen.head, seen.position) == (renewed, to(3))
    held = await taken(store, "two")
    assert await store.advance(held, to(3), Position(renewed.epoch, 0), [], release=False) is True


async def test_a_cursor_beyond_the_head_is_something_to_do(store: Store) -> None:
    room = await talked(store)
    await store.advance(await taken(store), FIRST, to(3), [], release=True)
    back = update(schema.lane).where(schema.lane.c.stream_id == room, schema.lane.c.lane == "pub").values(head_seq=1)
    await store.database.write(lambda connection: connection.execute(back).rowcount)
    (seen,) = await behind(store)
    assert (seen.head.seq, seen.position) == (1, to(3))
