"""Positions become void under an open page, as after a restore: it says so, starts afresh, and keeps what was typed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.client import guest
from tests.e2e.people import PHONE, Person, person
from tests.e2e.screens import signed_in
from tests.e2e.trouble import BACK_MS, ask_field, caught_up, is_same_document, never_reloaded, open_room, say, told
from tests.services.server import ServerProcess
from tests.wenzheng.test_cli import in_a_process

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(150)]

RESET = "记录已重新载入，请以现在的编号为准。"
DRAFT = "编号换了，这句写到一半"
MISSED = "换了纪元以后发的公告"
QUESTIONS = tuple(f"第{number}站几点开门？从家走过去要二十分钟，早了没有用，晚了赶不上。" for number in range(1, 13))
READ = QUESTIONS[4]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """One whose store may be touched."""
    process = ServerProcess(tmp_path, "--demo", settings={"WENZHENG_TIMES__DRAIN_S": "0.3"}).start()
    yield process
    process.stop()


async def room_with_questions(base: str) -> str:
    room = await open_room(base, "换了纪元的一场")
    for number, body in enumerate(QUESTIONS):
        netizen = await guest(base)
        await netizen.post(f"/rooms/{room}/posts", {"cid": f"reset-{number}", "kind": "question", "body": body})
        await netizen.close()
    return room


async def reader_below_the_top(browser: Browser, base: str, room: str) -> Person:
    """In the middle of the list, with a question half written in the sheet that a phone has for it."""
    reader = await person(browser, base, **PHONE)
    await reader.go(f"/rooms/{room}")
    await reader.page.get_by_role("log").wait_for()
    await reader.sees(QUESTIONS[0], within="#stream")
    await reader.page.locator(".askbar button").first.click()
    await ask_field(reader).fill(DRAFT)
    await reader.page.locator("#tools .icon-btn[aria-label=关闭提问]").click()
    await reader.page.get_by_text(READ).scroll_into_view_if_needed()
    await never_reloaded(reader)
    return reader


async def department_writing(browser: Browser, base: str, room: str) -> Person:
    somebody = await person(browser, base)
    await signed_in(somebody, "price1")
    await somebody.go(f"/desk/rooms/{room}")
    await somebody.page.locator(".qrow", has_text=READ).click()
    await somebody.page.get_by_role("textbox", name="答复").fill(DRAFT)
    await never_reloaded(somebody)
    return somebody


async def test_epoch_renewed_under_open_pages(own_server: ServerProcess, browser: Browser) -> None:
    room = await room_with_questions(own_server.base)
    reader = await reader_below_the_top(browser, own_server.base, room)
    department = await department_writing(browser, own_server.base, room)
    before = await place_of(reader, READ)

    renew(own_server, room)
    for somebody in (reader, department):
        await told(somebody, RESET)
    # The reader stays where he was, everybody with what they wrote.
    assert abs(await place_of(reader, READ) - before) < 2
    answer = department.page.get_by_role("textbox", name="答复")
    await expect(answer).to_have_value(DRAFT)
    await expect(department.page.locator("#work")).to_contain_text(READ)

    # What comes in the new epoch is applied by both, once.
    await say(own_server.base, room, MISSED)
    await caught_up(reader, MISSED)
    await answer.press("Control+Enter")
    await department.sees(DRAFT, within="#work .part")
    await caught_up(reader, DRAFT)
    for body in QUESTIONS:
        await expect(reader.page.locator("#stream").get_by_text(body)).to_have_count(1)
    await reader.page.locator(".askbar button").first.click()
    await expect(ask_field(reader)).to_have_value(DRAFT)
    for somebody in (reader, department):
        await expect(somebody.page.locator("#conn")).not_to_contain_text(RESET, timeout=BACK_MS)
        await is_same_document(somebody)


async def test_epochs_renewed_by_the_operator_around_a_restart(own_server: ServerProcess, browser: Browser) -> None:
    """As the manual asks after a restore by the database's own tools: stop every server, `renew-epochs`, start."""
    room = await room_with_questions(own_server.base)
    reader = await reader_below_the_top(browser, own_server.base, room)
    before = await place_of(reader, READ)

    assert own_server.stop() == 0
    await told(reader, "正在重连")
    renewed = in_a_process(own_server.data, "renew-epochs")
    assert renewed.returncode == 0, renewed.stderr
    own_server.start()
    await told(reader, RESET)
    assert abs(await place_of(reader, READ) - before) < 2

    await say(own_server.base, room, MISSED)
    await caught_up(reader, MISSED)
    for body in QUESTIONS:
        await expect(reader.page.locator("#stream").get_by_text(body)).to_have_count(1)
    await reader.page.locator(".askbar button").first.click()
    await expect(ask_field(reader)).to_have_value(DRAFT)
    await is_same_document(reader)


def renew(server: ServerProcess, room: str) -> None:
    """As a node does that found its store gone back in time: every lane of the room begins a new epoch."""
    with sqlite3.connect(server.data / "wenzheng.db", timeout=10) as store:
        changed = store.execute("UPDATE lane SET epoch = 'renewed ' || lane WHERE stream_id = ?", (room,)).rowcount
    store.close()
    assert changed > 0


async def place_of(reader: Person, body: str) -> float:
    """How far from the window's top it stands, in pixels."""
    box = await reader.page.locator("#stream").get_by_text(body).bounding_box()
    assert box is not None
    return box["y"]
