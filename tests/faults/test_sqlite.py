"""One process on SQLite whose disk fills up and is given room again."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import pytest

from tests.client import Live
from tests.faults.town import SETTINGS, Town
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

SOME = 12
ROOM_LEFT = 64 * 1024
UNLIMITED = resource.RLIM_INFINITY


async def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """No file of the server may grow further: posting is refused, reading goes on, and nothing acknowledged is lost."""
    server = ServerProcess(tmp_path, "--demo", settings=SETTINGS)
    await asyncio.to_thread(server.start)
    try:
        async with Town([server.base]) as town:
            await town.until_more(acked=SOME, published=SOME)
            full = max(file.stat().st_size for file in tmp_path.iterdir() if file.is_file()) + ROOM_LEFT
            # Linux alone lets one process limit another; elsewhere this test fails and says so.
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (full, UNLIMITED))
            await town.until_refused()
            async with Live(server.base) as newcomer:
                await newcomer.join(town.room)
                assert newcomer.rooms[town.room].lanes["pub"].snap
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))
            await town.until_more(acked=SOME, published=SOME)
            assert await town.judge(f"sqlite:///{tmp_path / 'wenzheng.db'}") == []
    finally:
        assert await asyncio.to_thread(server.stop) == 0, server.log()[-4000:]
