"""The committer between many callers and a database that may be slow, full of faults, or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, RoomId, UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.commands import Command
from persistence.flush import LostRace
from persistence.group_commit import TRIES, GroupCommit
from persistence.streams import BATCH_MAX, GATHER_TURNS, Streams
from rooms.commands import ChangeState, Done
from rooms.ports import Hint

pytestmark = pytest.mark.anyio

T = TypeVar("T")
HOST = Actor(UserId("host"), "host", Role.HOST)


class ScriptedDatabase:
    """Answers each batch with `Done` of its size; `script` may hold it up or break it first."""

    def __init__(self) -> None:
        self.batches: list[list[Command]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.script: Callable[[list[Command]], None] = lambda batch: None

    async def write(self, change: Callable[[Connection], T]) -> T:
        batch: list[Command] = change.keywords["batch"]  # type: ignore[attr-defined]
        self.batches.append(batch)
        await self.open.wait()
        self.script(batch)
        answer: Any = ([Done(len(batch)) for _ in batch], [])
        return answer  # type: ignore[no-any-return]

    async def read(self, query: Callable[[Connection], T]) -> T:
        raise NotImplementedError

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def database() -> ScriptedDatabase:
    return ScriptedDatabase()


def committer(database: ScriptedDatabase, *, workers: int = 1, streams: Streams | None = None) -> GroupCommit:
    def tell(hints: list[Hint]) -> None:
        raise AssertionError("nothing to tell")

    return GroupCommit(database, FrozenClock(), CountingIds(), tell, workers=workers, streams=streams)


def command(n: int) -> Command:
    return ChangeState(RoomId(f"{n:0>26}"), "open", HOST, 0)


async def test_a_lone_command_does_not_wait_for_company(database: ScriptedDatabase) -> None:
    group = committer(database)
    assert await group.commit("a", command(1)) == Done(1)
    await group.close()


async def test_what_is_sent_at_one_instant_goes_together_though_it_is_read_turn_by_turn(
    database: ScriptedDatabase,
) -> None:
    group = committer(database)

    async def sent(n: int) -> object:
        for _ in range(n):
            await asyncio.sleep(0)
        return await group.commit("a", command(n))

    assert await asyncio.gather(*(sent(n) for n in range(GATHER_TURNS + 1))) == [Done(GATHER_TURNS + 1)] * 3
    assert len(database.batches) == 1
    await group.close()


async def test_what_gathers_while_a_batch_is_under_way_goes_together(database: ScriptedDatabase) -> None:
    group = committer(database)
    database.open.clear()
    sent = [spawn(group.commit("a", command(n)), name="caller") for n in range(BATCH_MAX * 2)]
    while not database.batches:
        await asyncio.sleep(0)
    database.open.set()
    await asyncio.gather(*sent)
    assert max(len(batch) for batch in database.batches) == BATCH_MAX
    assert [one for batch in database.batches for one in batch] == [command(n) for n in range(BATCH_MAX * 2)]
    await group.close()


async def test_one_batch_of_a_stream_at_a_time_and_streams_side_by_side(database: ScriptedDatabase) -> None:
    group = committer(database, workers=3)
    database.open.clear()
    sent = [spawn(group.commit(stream, command(n)), name="caller") for n, stream in enumerate("aab")]
    await settle()
    assert len(database.batches) == 2
    sent.append(spawn(group.commit("a", command(9)), name="caller"))
    await settle()
    assert len(database.batches) == 2
    database.open.set()
    await asyncio.gather(*sent)
    await group.close()


async def test_a_full_queue_says_so_at_once(database: ScriptedDatabase) -> None:
    group = committer(database, streams=Streams(stream_max=3, queue_max=5))
    database.open.clear()
    under_way = spawn(group.commit("a", command(0)), name="caller")
    await settle()
    waiting = [spawn(group.commit("a", command(n)), name="caller") for n in (1, 2, 3)]
    await settle()
    with pytest.raises(Refusal, match="queue_full"):
        await group.commit("a", command(4))
    elsewhere = [spawn(group.commit("b", command(n)), name="caller") for n in (5, 6)]
    await settle()
    with pytest.raises(Refusal, match="queue_full"):
        await group.commit("c", command(7))
    database.open.set()
    await asyncio.gather(under_way, *waiting, *elsewhere)
    await group.close()


async def test_a_command_the_database_chokes_on_fails_alone(database: ScriptedDatabase) -> None:
    group = committer(database)
    bad = command(13)

    def choke(batch: list[Command]) -> None:
        if bad in batch:
            raise ValueError("no such thing")

    database.script = choke
    sent = [spawn(_outcome(group, command(n)), name="caller") for n in range(10, 17)]
    assert await asyncio.gather(*sent) == [Done(1)] * 3 + ["internal"] + [Done(1)] * 3
    await group.close()


async def test_a_database_that_is_gone_is_not_asked_again_for_each(database: ScriptedDatabase) -> None:
    group = committer(database)

    def gone(batch: list[Command]) -> None:
        raise Refusal("unavailable")

    database.script = gone
    sent = [spawn(_outcome(group, command(n)), name="caller") for n in range(10)]
    assert await asyncio.gather(*sent) == ["unavailable"] * 10
    assert len(database.batches) <= 2
    await group.close()


async def test_a_lost_race_is_decided_afresh_and_not_for_ever(database: ScriptedDatabase) -> None:
    group = committer(database)

    def lose_twice(batch: list[Command]) -> None:
        if len(database.batches) < 3:
            raise LostRace

    database.script = lose_twice
    assert await group.commit("a", command(1)) == Done(1)
    database.batches.clear()

    def lose(batch: list[Command]) -> None:
        raise LostRace

    database.script = lose
    with pytest.raises(Refusal, match="unavailable"):
        await group.commit("a", command(1))
    assert len(database.batches) == TRIES
    await group.close()


async def test_whoever_waits_too_long_is_told_that_nobody_knows(
    database: ScriptedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.group_commit.PATIENCE_S", 0.01)
    group = committer(database)
    database.open.clear()
    with pytest.raises(Refusal, match="unavailable"):
        await group.commit("a", command(1))
    database.open.set()
    await group.close()
    assert len(database.batches) == 1


async def test_what_had_not_begun_when_its_author_was_told_is_not_done_later(
    database: ScriptedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.group_commit.PATIENCE_S", 0.01)
    group = committer(database)
    database.open.clear()
    under_way = spawn(_outcome(group, command(1)), name="caller")
    await settle()
    assert await _outcome(group, command(2)) == await under_way == "unavailable"
    database.open.set()
    await group.close()
    assert database.batches == [[command(1)]]


async def test_nor_is_it_done_when_its_batch_failed_and_each_is_tried_apart(
    database: ScriptedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.group_commit.PATIENCE_S", 0.01)
    group = committer(database)
    database.open.clear()

    def choke(batch: list[Command]) -> None:
        if len(batch) > 1:
            raise ValueError("no such thing")

    database.script = choke
    sent = [spawn(_outcome(group, command(n)), name="caller") for n in (1, 2)]
    assert await asyncio.gather(*sent) == ["unavailable"] * 2
    database.open.set()
    await group.close()
    assert database.batches == [[command(1), command(2)]]


async def test_a_listener_that_fails_fails_nobody() -> None:
    class Telling(ScriptedDatabase):
        async def write(self, change: Callable[[Connection], T]) -> T:
            answer: Any = ([Done(1)], ["hint"])
            return answer  # type: ignore[no-any-return]

    def tell(hints: list[Hint]) -> None:
        raise RuntimeError("deaf")

    group = GroupCommit(Telling(), FrozenClock(), CountingIds(), tell, workers=1)
    assert await group.commit("a", command(1)) == Done(1)
    await group.close()


async def settle() -> None:
    """Lets everything that can run now run."""
    for _ in range(20):
        await asyncio.sleep(0)


async def _outcome(group: GroupCommit, one: Command) -> object:
    try:
        return await group.commit("a", one)
    except Refusal as refusal:
        return refusal.code.name
