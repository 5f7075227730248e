"""The cable is pulled, the laptop sleeps: the page says so, keeps what was typed, and catches up without a reload."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.client import Api
from tests.e2e.people import WAIT_MS, Line, Person, person
from tests.e2e.trouble import (
    ask_field,
    caught_up,
    is_same_document,
    never_reloaded,
    open_room,
    reconnect,
    say,
    told,
)
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(120)]

DRAFT = "末班车开到几点？写到一半"
BEFORE, MISSED, ALSO_MISSED = "开场前的公告", "断线时发的第一条公告", "断线时发的第二条公告"


async def reader_of(server: ServerProcess, browser: Browser, line: Line, room: str) -> Person:
    reader = await person(browser, server.base)
    await line.lay(reader.page)
    await reader.go(f"/rooms/{room}")
    await reader.page.get_by_role("log").wait_for()
    await reader.sees(BEFORE, within="#stream")
    await never_reloaded(reader)
    return reader


async def test_cable_pulled(server: ServerProcess, browser: Browser) -> None:
    """What a browser that knows it has no network does; longer only means that more is missed."""
    room = await open_room(server.base, "拔线的一场", BEFORE)
    line = Line()
    reader = await reader_of(server, browser, line, room)
    await ask_field(reader).fill(DRAFT)
    await reader.context.set_offline(True)
    await line.cut()
    await told(reader, "已断网，当前显示")
    await expect(reader.page.get_by_role("button", name="离线，草稿已存，恢复后再提交")).to_be_visible(timeout=WAIT_MS)
    await say(server.base, room, MISSED)
    await say(server.base, room, ALSO_MISSED)
    await reader.sees_not(MISSED, within="#stream")
    line.mend()
    await reader.context.set_offline(False)
    await caught_up(reader, MISSED, ALSO_MISSED)
    await expect(ask_field(reader)).to_have_value(DRAFT)
    await is_same_document(reader)
    await ask_field(reader).press("Control+Enter")
    await expect(ask_field(reader)).to_have_value("", timeout=WAIT_MS)
    assert await times_asked(server, room) == 1


async def test_sent_into_the_silence_is_stored_once(server: ServerProcess, browser: Browser) -> None:
    """The question left and no answer came: it goes out again under its own name, and there is one of it."""
    room = await open_room(server.base, "发了没回音的一场", BEFORE)
    line = Line()
    reader = await reader_of(server, browser, line, room)
    await ask_field(reader).fill("先问一句，好有个名字")
    await ask_field(reader).press("Control+Enter")
    await expect(ask_field(reader)).to_have_value("", timeout=WAIT_MS)
    await ask_field(reader).fill(DRAFT)
    line.silent = True
    await ask_field(reader).press("Control+Enter")
    await expect(reader.page.get_by_role("button", name="正在提交")).to_be_visible(timeout=WAIT_MS)
    await line.cut()
    await told(reader, "正在重连")
    await expect(ask_field(reader)).to_have_value(DRAFT)
    line.silent = False
    line.mend()
    await reconnect(reader)
    await expect(ask_field(reader)).to_have_value("", timeout=WAIT_MS)
    await is_same_document(reader)
    assert await times_asked(server, room) == 2


async def test_laptop_asleep_for_an_hour(server: ServerProcess, browser: Browser) -> None:
    """Nothing closes the old connection: the page itself finds out that it has been silent too long."""
    room = await open_room(server.base, "合上盖子的一场", BEFORE)
    line = Line()
    reader = await person(browser, server.base)
    await reader.page.clock.install()
    await line.lay(reader.page)
    await reader.go(f"/rooms/{room}")
    await reader.page.get_by_role("log").wait_for()
    await reader.sees(BEFORE, within="#stream")
    await never_reloaded(reader)
    await ask_field(reader).fill(DRAFT)
    line.silent = True
    await say(server.base, room, MISSED)
    await say(server.base, room, ALSO_MISSED)
    # The timers of the page see an hour go by at once, as they do after a sleep.
    await reader.page.clock.fast_forward(3_600_000)
    line.silent = False
    await caught_up(reader, MISSED, ALSO_MISSED)
    assert line.opened > 1
    await expect(ask_field(reader)).to_have_value(DRAFT)
    await is_same_document(reader)


async def times_asked(server: ServerProcess, room: str) -> int:
    api = Api(server.base)
    events = await api.get(f"/rooms/{room}/events?lane=pub&after=0&limit=200")
    await api.close()
    return sum(item["k"] == "msg" and item["kind"] == "question" for item in events["items"])
