"""Asking, opening a room, answering and deciding by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.client import guest
from tests.e2e.keyboard import press, tab_to, write
from tests.e2e.people import WAIT_MS, person
from tests.e2e.screens import signed_in
from tests.e2e.trouble import open_room
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(120)]

QUESTION = "只用键盘也能问吗？"
ANSWER = "能问，也能答。"


async def test_a_citizen_asks(server: ServerProcess, browser: Browser) -> None:
    room = await open_room(server.base, "键盘提问的一场")
    netizen = await person(browser, server.base)
    await netizen.go(f"/rooms/{room}")
    page = netizen.page
    await page.get_by_role("log").wait_for()
    # The first stop of every page leads past its head.
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await write(page.locator("#ask-body"), QUESTION)
    await page.keyboard.press("Control+Enter")
    await netizen.sees(QUESTION, within="#stream")
    await expect(page.locator("#ask-body")).to_have_value("", timeout=WAIT_MS)
    assert netizen.complaints == []


async def test_a_host_opens_a_room(server: ServerProcess, browser: Browser) -> None:
    host = await person(browser, server.base)
    await signed_in(host, "host")
    await host.go("/desk/new")
    page = host.page
    await write(page.locator("#title"), "键盘开的一场")
    for name in ("市物价局", "市地铁公司"):
        await press(page.get_by_role("checkbox", name=name), "Space")
    await press(page.locator("main form").get_by_role("button").last)
    await expect(page.get_by_role("heading", name="键盘开的一场").first).to_be_visible(timeout=WAIT_MS)


async def test_a_department_answers(server: ServerProcess, browser: Browser) -> None:
    room = await open_room(server.base, "键盘答复的一场")
    netizen = await guest(server.base)
    await netizen.post(f"/rooms/{room}/posts", {"cid": "keys-1", "kind": "question", "body": QUESTION})
    await netizen.close()
    department = await person(browser, server.base)
    await signed_in(department, "price1")
    await department.go(f"/desk/rooms/{room}")
    page = department.page
    await press(page.locator(".qrow", has_text=QUESTION).first)
    await write(page.get_by_role("textbox", name="答复"), ANSWER)
    await page.keyboard.press("Control+Enter")
    await department.sees(ANSWER, within="#work .part")


async def test_a_moderator_decides(server: ServerProcess, browser: Browser) -> None:
    """The key map stands on the screen; A publishes what is in front of one."""
    room = await open_room(server.base, "键盘审核的一场", premoderate=True)
    netizen = await guest(server.base)
    await netizen.post(f"/rooms/{room}/posts", {"cid": "keys-2", "kind": "question", "body": QUESTION})
    await netizen.close()
    moderator = await person(browser, server.base)
    await signed_in(moderator, "moderator2")
    await moderator.go("/moderation")
    # Other rooms hold posts of other tests, some word for word the same; and keys do nothing before the lease has come.
    await press(moderator.page.locator(".side-nav button", has_text="键盘审核的一场"))
    message = moderator.page.locator("#one .msg", has_text=QUESTION)
    await expect(message).to_be_visible(timeout=WAIT_MS)
    await expect(moderator.page.locator("#one .lease")).to_be_visible(timeout=WAIT_MS)
    await moderator.page.keyboard.press("a")
    await expect(message).to_have_count(0, timeout=WAIT_MS)
    undo = moderator.page.locator(".mod-screen .toast button")
    await expect(undo).to_be_visible(timeout=WAIT_MS)
    await tab_to(undo, back=True)
