"""Resends that overtake the first answer."""

from __future__ import annotations

import asyncio

import pytest

from tests.blackbox.test_contract import open_room, people
from tests.client import guest
from tests.services.server import ServerProcess

pytestmark = pytest.mark.anyio


async def test_a_post_sent_many_times_at_once_is_one_post_and_no_haste(server: ServerProcess) -> None:
    async with people(server, "host") as by:
        room = (await open_room(by["host"]))["id"]
        netizen = await guest(server.base)
        frame = {"cid": "1", "kind": "question", "body": "末班车几点？"}
        answers = await asyncio.gather(*(netizen.post(f"/rooms/{room}/posts", frame) for _ in range(15)))
        assert len({answer["post"] for answer in answers}) == 1
        # What was sent once counted once: four more may follow at once.
        for n in range(4):
            await netizen.post(f"/rooms/{room}/posts", {**frame, "cid": f"next{n}", "body": f"第 {n} 站在哪里？"})
        await netizen.close()
