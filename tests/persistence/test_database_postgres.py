"""What PostgreSQL's side bounds by itself; the rest is in `tests/contracts/store/` and `tests/faults/`."""

from __future__ import annotations

import asyncio

import pytest

from kernel.refusals import Refusal
from persistence.database_postgres import WAITING, PostgresDatabase

pytestmark = pytest.mark.anyio


async def test_of_writes_that_come_in_one_turn_no_more_wait_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    database, answered = PostgresDatabase("postgresql://127.0.0.1:1/nowhere"), asyncio.Event()

    async def slowly(change: object) -> int:
        await answered.wait()
        return 1

    monkeypatch.setattr(database, "_write", slowly)

    async def outcome() -> int | str:
        try:
            return await database.write(lambda connection: 0)
        except Refusal as refusal:
            return refusal.code.name

    asked = asyncio.gather(*(outcome() for _ in range(WAITING + 5)))
    await asyncio.sleep(0)
    answered.set()
    assert sorted(map(str, await asked)) == ["1"] * WAITING + ["unavailable"] * 5
    assert await outcome() == 1, "and what has ended waits no more"
    await database.close()
