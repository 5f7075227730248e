"""The inbox under a flood and under a fault: bounded, told as a gap, and never the end of hearing."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from gateway.bus_inbox import MAX_BYTES, MAX_WAITING, Inbox
from kernel.tasks import spawn

pytestmark = pytest.mark.anyio


async def test_what_comes_faster_than_it_is_understood_is_a_gap() -> None:
    told: list[bytes] = []
    gaps: list[int] = []
    counts: Counter[str] = Counter()
    inbox = Inbox(lambda channel, payload: told.append(payload), lambda: gaps.append(1), counts)
    for number in range(MAX_WAITING + 5):
        inbox.put([(b"c", str(number).encode())])
    assert (len(gaps), counts["overflows"]) == (0, 5)
    async with asyncio.timeout(5):
        async with asyncio.TaskGroup() as group:
            running = group.create_task(inbox.run())
            while len(told) < MAX_WAITING:
                await asyncio.sleep(0)
            running.cancel()
    assert told == [str(number).encode() for number in range(MAX_WAITING)]
    assert len(gaps) == 1, "one look at the store finds all five"


async def test_what_never_fits_is_a_gap_too() -> None:
    gap = asyncio.Event()
    inbox = Inbox(lambda channel, payload: None, gap.set, Counter())
    running = spawn(inbox.run(), name="inbox")
    inbox.put([(b"c", bytes(MAX_BYTES + 1))])
    async with asyncio.timeout(5):
        await gap.wait()
    running.cancel()


async def test_a_hint_that_cannot_be_handed_on_does_not_strike_the_node_deaf(caplog: pytest.LogCaptureFixture) -> None:
    told: list[bytes] = []

    def deliver(channel: bytes, payload: bytes) -> None:
        if payload == b"bad":
            raise ValueError("out of order")
        told.append(payload)

    inbox = Inbox(deliver, lambda: None, Counter())
    for payload in (b"bad", b"good"):
        inbox.put([(b"c", payload)])
    running = spawn(inbox.run(), name="inbox")
    async with asyncio.timeout(5):
        while not told and not running.done():
            await asyncio.sleep(0)
    running.cancel()
    assert told == [b"good"]
    assert "could not be handed on" in caplog.text
