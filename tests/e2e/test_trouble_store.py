"""The store stops answering and the line between servers is down: staff see which, readers keep what they have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.people import person
from tests.e2e.screens import signed_in
from tests.e2e.trouble import open_room, say
from tests.services.server import ServerProcess, free_port

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(150)]

SAID = "首班车提前到五点半"


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """Its Redis is nowhere."""
    settings = {"WENZHENG_BUS__URL": f"redis://127.0.0.1:{free_port()}/0"}
    process = ServerProcess(tmp_path, "--demo", settings=settings).start()
    yield process
    process.stop()


async def test_staff_are_told_what_is_amiss(own_server: ServerProcess, browser: Browser) -> None:
    room = await open_room(own_server.base, "数据库出了岔子的一场")
    await say(own_server.base, room, SAID)
    reader = await person(browser, own_server.base)
    await reader.go(f"/rooms/{room}")
    await reader.sees(SAID)
    desk = await person(browser, own_server.base)
    await signed_in(desk, "host")
    await desk.go(f"/desk/rooms/{room}")
    await desk.sees("服务器之间的通道中断", within="#conn")

    # The file is moved away: to the server its store is gone.
    store, away = own_server.data / "wenzheng.db", own_server.data / "away.db"
    store.rename(away)
    await desk.sees("数据库暂时没有响应", within="#conn")
    await reader.sees(SAID)
    away.rename(store)
    await desk.sees("服务器之间的通道中断", within="#conn")
