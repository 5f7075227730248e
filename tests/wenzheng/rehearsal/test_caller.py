"""Who speaks: every command has an answer, even where the connection has gone."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from tests.wenzheng.rehearsal.lines import WELCOME, Wire, frame
from wenzheng.rehearsal.caller import LOST, Caller

pytestmark = pytest.mark.anyio


async def called() -> Caller:
    caller = Caller(b"GET", "token")
    caller.connection_made(Wire())
    caller.data_received(WELCOME)
    return caller


async def test_each_answer_finds_its_command() -> None:
    caller = await called()
    caller.data_received(frame(orjson.dumps([{"t": "welcome", "id": 0}])))
    first, second = caller.say({"t": "post"}, {"t": "vote"})
    told = [{"t": "hb"}, {"t": "err", "id": 2, "code": "rate"}, {"t": "ok", "id": 1}, {"t": "ok", "id": 1}]
    caller.data_received(frame(orjson.dumps(told)))
    assert (await caller.welcomed)["t"] == "welcome"
    assert ((await first)["t"], (await second)["code"]) == ("ok", "rate")


@pytest.mark.parametrize("end", ["lost", "rubbish", "not open"])
async def test_a_connection_that_goes_leaves_nobody_waiting(end: str) -> None:
    caller = await called()
    if end == "not open":
        caller.connection_lost(None)
    (answer,) = caller.say({"t": "post"})
    if end == "lost":
        caller.connection_lost(None)
    elif end == "rubbish":
        caller.data_received(frame(b"{"))
    async with asyncio.timeout(5):
        assert await answer == await caller.welcomed == LOST
