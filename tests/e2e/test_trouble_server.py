"""The server restarts, a sign-in ends, the room closes meanwhile: nothing typed is lost, the page says what is on."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from accounts.guests import ID_PREFIX, Guest, GuestTokens
from kernel.ids import UserId
from tests.client import guest, sign_in
from tests.e2e.people import WAIT_MS, Line, Person, person
from tests.e2e.screens import signed_in
from tests.e2e.trouble import (
    BACK_MS,
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

LONGEST_TOKEN_S = 60
pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(150)]

QUESTION = "票价听证会哪天开？"
DRAFT = "听证会定在下月，写到一半"
MISSED = "重启以后发的公告"


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """One that may be stopped, and whose store may be touched."""
    process = ServerProcess(tmp_path, "--demo").start()
    yield process
    process.stop()


async def asked_in_a_room(base: str) -> str:
    room = await open_room(base, "出了岔子的一场")
    netizen = await guest(base)
    await netizen.post(f"/rooms/{room}/posts", {"cid": "asked-1", "kind": "question", "body": QUESTION})
    await netizen.close()
    return room


async def department_at_work(browser: Browser, base: str, room: str, line: Line | None = None) -> Person:
    """A respondent who has an answer half written."""
    somebody = await person(browser, base)
    if line is not None:
        await line.lay(somebody.page)
    await signed_in(somebody, "price1")
    await somebody.go(f"/desk/rooms/{room}")
    answer = somebody.page.get_by_role("textbox", name="答复")
    await somebody.page.locator(".qrow", has_text=QUESTION).first.click()
    await answer.fill(DRAFT)
    await never_reloaded(somebody)
    return somebody


async def test_server_restarted(own_server: ServerProcess, browser: Browser) -> None:
    room = await asked_in_a_room(own_server.base)
    reader = await person(browser, own_server.base)
    await reader.go(f"/rooms/{room}")
    await reader.page.get_by_role("log").wait_for()
    await reader.sees(QUESTION, within="#stream")
    await never_reloaded(reader)
    await ask_field(reader).fill(DRAFT)
    department = await department_at_work(browser, own_server.base, room)

    assert own_server.stop() == 0
    await told(reader, "正在重连")
    await told(department, "正在重连")
    await expect(ask_field(reader)).to_have_value(DRAFT)
    own_server.start()
    await say(own_server.base, room, MISSED)
    await caught_up(reader, MISSED)
    await expect(ask_field(reader)).to_have_value(DRAFT)
    await expect(department.page.locator("#conn")).not_to_contain_text("正在重连", timeout=BACK_MS)
    answer = department.page.get_by_role("textbox", name="答复")
    await expect(answer).to_have_value(DRAFT)
    await answer.press("Control+Enter")
    await caught_up(reader, DRAFT)
    await is_same_document(reader)
    await is_same_document(department)


async def test_sign_in_expired_while_writing(own_server: ServerProcess, browser: Browser) -> None:
    """The session ends in the store; the next connection finds out, and the same page signs in again."""
    room = await asked_in_a_room(own_server.base)
    line = Line()
    department = await department_at_work(browser, own_server.base, room, line)
    expire_every_session(own_server)
    await line.cut()
    line.mend()
    page = department.page
    asked = page.get_by_role("dialog", name="登录已过期")
    await expect(asked).to_contain_text("您写的内容都还在", timeout=BACK_MS)
    await asked.get_by_label("账号").fill("price1")
    await asked.get_by_label("密码").fill("wenzheng-demo")
    await asked.get_by_role("button", name="登录").click()
    await expect(asked).to_have_count(0, timeout=WAIT_MS)
    answer = page.get_by_role("textbox", name="答复")
    await expect(answer).to_have_value(DRAFT)
    await answer.press("Control+Enter")
    await department.sees(DRAFT, within="#work .part")
    await is_same_document(department)


async def test_a_guest_whose_token_runs_out(own_server: ServerProcess, browser: Browser) -> None:
    """It runs out while a question is half written: the page goes on as a visitor's, and the question is still sent."""
    room = await asked_in_a_room(own_server.base)
    reader = await guest_of_a_few_seconds(browser, own_server, room)
    await never_reloaded(reader)
    await ask_field(reader).fill(DRAFT)
    ran_out = "您的访客身份已到期，写的内容还在。"
    await expect(reader.page.locator("#ask")).to_contain_text(ran_out, timeout=LONGEST_TOKEN_S * 1_000)
    await expect(ask_field(reader)).to_have_value(DRAFT)
    await say(own_server.base, room, MISSED)
    await caught_up(reader, MISSED)
    await ask_field(reader).press("Control+Enter")
    await expect(ask_field(reader)).to_have_value("", timeout=WAIT_MS)
    await reader.sees(DRAFT, within="#mine")
    await reader.sees_not("访客身份已到期", within="#ask")
    await is_same_document(reader)


async def guest_of_a_few_seconds(browser: Browser, server: ServerProcess, room: str) -> Person:
    """As a guest thirty days later; longer where this machine needs longer to show the page."""
    for seconds in (6, 20, LONGEST_TOKEN_S):
        reader = await person(browser, server.base)
        token = short_lived(server, seconds)
        await reader.context.add_cookies([{"name": "wz_guest", "value": token, "url": server.base}])
        await reader.go(f"/rooms/{room}")
        await reader.page.get_by_role("log").wait_for()
        if await reader.page.locator("#ask-name").count() == 0:
            return reader
        await reader.context.close()
    raise AssertionError("the page was not there within a minute")


def short_lived(server: ServerProcess, seconds: int) -> str:
    """Signed with the store's own secret, as the server would."""
    with sqlite3.connect(server.data / "wenzheng.db", timeout=10) as store:
        (secret,) = store.execute("SELECT value FROM deployment").fetchone()
    store.close()
    ends = int(time.time() * 1000) + seconds * 1000
    return GuestTokens(secret).sign(Guest(UserId(f"{ID_PREFIX}01expires{seconds:017}"), "到期的人", ends))


def expire_every_session(server: ServerProcess) -> None:
    """As if twelve hours had passed; no clock of the machine is touched."""
    with sqlite3.connect(server.data / "wenzheng.db", timeout=10) as store:
        store.execute("UPDATE session SET expires_at = 1")
    store.close()


async def test_room_closed_meanwhile(server: ServerProcess, browser: Browser) -> None:
    """Who was away at the end comes back to an ended session, and to the text that could not be sent."""
    room = await asked_in_a_room(server.base)
    line = Line()
    reader = await person(browser, server.base)
    await line.lay(reader.page)
    await reader.go(f"/rooms/{room}")
    await reader.page.get_by_role("log").wait_for()
    await reader.sees(QUESTION, within="#stream")
    await never_reloaded(reader)
    await ask_field(reader).fill(DRAFT)
    await line.cut()
    await told(reader, "正在重连")
    host = await sign_in(server.base, "host")
    await host.post(f"/rooms/{room}/close")
    await host.close()
    line.mend()
    await reconnect(reader)
    await reader.sees("本场已结束", within="#room-state")
    await expect(ask_field(reader)).to_have_count(0)
    await reader.sees(DRAFT, within="#tools")
    await reader.page.get_by_role("link", name="文字实录").first.wait_for()
    await is_same_document(reader)
