"""Whoever looks first ends what has lapsed; a fault does not end the looking."""

from __future__ import annotations

import asyncio

import pytest

from kernel.clock import FrozenClock
from kernel.ids import PostId
from kernel.refusals import Refusal
from moderation.lapsing import Lapsing
from moderation.proposal_commands import EndHiding

pytestmark = pytest.mark.anyio


class Faulty:
    """A store that is away at first, then has a fault that is no refusal, then answers."""

    def __init__(self) -> None:
        self.faults: list[Exception] = [Refusal("unavailable"), ZeroDivisionError()]
        self.ended: asyncio.Queue[EndHiding] = asyncio.Queue(1)

    async def lapsed_proposals(self, now: int) -> list[PostId]:
        if self.faults:
            raise self.faults.pop(0)
        return [PostId("answer")] if self.ended.empty() else []

    async def commit(self, command: EndHiding) -> object:
        self.ended.put_nowait(command)
        return None


async def test_neither_silence_nor_a_fault_ends_the_looking(
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.ending.LOOK_S", 0.0)
    store = Faulty()
    lapsing = Lapsing(store, clock)
    lapsing.start()
    try:
        async with asyncio.timeout(10):
            assert await store.ended.get() == EndHiding(PostId("answer"), clock.now_ms())
    finally:
        await lapsing.close()


async def test_one_that_cannot_be_ended_does_not_keep_the_others_waiting(clock: FrozenClock) -> None:
    ended: list[PostId] = []

    class Store:
        async def lapsed_proposals(self, now: int) -> list[PostId]:
            return [PostId("broken"), PostId("gone"), PostId("answer")]

        async def commit(self, command: EndHiding) -> object:
            if command.post == "broken":
                raise ZeroDivisionError
            if command.post == "gone":
                raise Refusal("no_post")
            ended.append(command.post)
            return None

    await Lapsing(Store(), clock).once()
    assert ended == ["answer"]
