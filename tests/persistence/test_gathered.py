"""Questions asked together: each answered by a read that began after it, and none left waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection

from kernel.refusals import Refusal
from kernel.tasks import spawn
from persistence.gathered import TOGETHER_MAX, WAITING_MAX, Gathered

pytestmark = pytest.mark.anyio

T = TypeVar("T")


class Answering:
    """A database that answers each key with how many reads had begun by then; `open` holds reads up."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.fault: Exception | None = None

    async def read(self, query: Callable[[Connection], T]) -> T:
        answer: Any = query(None)  # type: ignore[arg-type]
        await self.open.wait()
        if self.fault is not None:
            raise self.fault
        return answer  # type: ignore[no-any-return]

    async def write(self, change: Callable[[Connection], T]) -> T:
        raise NotImplementedError

    async def ping(self) -> None: ...

    async def close(self) -> None: ...

    def ask(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, int]:
        self.asked.append(list(keys))
        return dict.fromkeys(keys, len(self.asked))


@pytest.fixture
def database() -> Answering:
    return Answering()


def gathered(database: Answering) -> Gathered[str, int]:
    return Gathered(database, database.ask, "numbers")


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_comes_while_one_is_under_way_goes_together_and_is_asked_afresh(database: Answering) -> None:
    numbers = gathered(database)
    database.open.clear()
    first = spawn(numbers.get("a"), name="asks")
    await settle()
    later = [spawn(numbers.get(key), name="asks") for key in "abab"]
    await settle()
    database.open.set()
    assert await first == 1
    # Also the key of the read that was under way: that one may have been too early for it.
    assert await asyncio.gather(*later) == [2, 2, 2, 2]
    assert database.asked == [["a"], ["a", "b"]]


async def test_many_go_in_several_reads(database: Answering) -> None:
    numbers = gathered(database)
    keys = [str(n) for n in range(TOGETHER_MAX + 1)]
    assert await asyncio.gather(*map(numbers.get, keys)) == [1] * TOGETHER_MAX + [2]


async def test_a_store_that_does_not_answer_refuses_those_who_wait_too_and_is_asked_again(database: Answering) -> None:
    numbers = gathered(database)
    database.open.clear()
    database.fault = Refusal("unavailable")
    asking = [spawn(_outcome(numbers, key), name="asks") for key in "ab"]
    await settle()
    asking.append(spawn(_outcome(numbers, "c"), name="asks"))
    await settle()
    database.open.set()
    assert await asyncio.gather(*asking) == ["unavailable"] * 3
    database.fault = None
    assert await numbers.get("c") == 2


async def test_a_fault_of_ours_leaves_nobody_waiting(database: Answering) -> None:
    numbers = gathered(database)
    database.fault = ValueError("ours")
    assert await _outcome(numbers, "a") == "internal"


async def test_too_many_questions_are_refused_at_once(database: Answering) -> None:
    numbers = gathered(database)
    database.open.clear()
    asking = [spawn(_outcome(numbers, str(n)), name="asks") for n in range(WAITING_MAX)]
    await settle()
    waiting = [spawn(_outcome(numbers, f"more {n}"), name="asks") for n in range(TOGETHER_MAX)]
    await settle()
    assert await _outcome(numbers, "one more") == "unavailable"
    database.open.set()
    assert all(isinstance(answer, int) for answer in await asyncio.gather(*asking, *waiting))


async def test_whoever_goes_away_takes_nobody_along(database: Answering) -> None:
    numbers = gathered(database)
    database.open.clear()
    leaving, staying = spawn(numbers.get("a"), name="asks"), spawn(numbers.get("a"), name="asks")
    await settle()
    leaving.cancel()
    database.open.set()
    assert await staying == 1


async def _outcome(numbers: Gathered[str, int], key: str) -> object:
    try:
        return await numbers.get(key)
    except Refusal as refusal:
        return refusal.code.name
