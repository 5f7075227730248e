"""The page of word lists: a term is added, tried, published with a reason, and the version before is brought back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.client import sign_in
from tests.e2e.people import WAIT_MS, Person, person
from tests.e2e.reviewing import asks, opened, own_room, own_server
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Of its own: these tests change the city's list."""
    yield from own_server(Path(tmp_path_factory.mktemp("words")))


@pytest.fixture
async def room(server: ServerProcess) -> AsyncIterator[str]:
    async for made in own_room(server):
        yield made


async def at_the_lists(browser: Browser, server: ServerProcess, username: str) -> Person:
    somebody = await person(browser, server.base)
    await somebody.sign_in(username)
    await somebody.go("/moderation/words")
    await somebody.page.wait_for_selector(".w-now")
    return somebody


async def test_a_term_is_added_tried_published_and_taken_back_by_keys(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    await asks(server, room, "车站门口有黑车揽客，谁来管？")
    moderator: Person = await at_the_lists(browser, server, "moderator1")
    page = moderator.page
    await expect(page.locator(".words h1")).to_have_text("词库", timeout=WAIT_MS)
    await moderator.sees("词库是空的", within=".words")

    await page.keyboard.press("n")
    await expect(page.locator("#w-term")).to_be_focused()
    await page.keyboard.type("黑车")
    await page.keyboard.press("Enter")
    await moderator.sees("加上或修改 1 个词", within=".w-panel")
    publish = page.locator(".w-panel form button")
    await expect(publish).to_be_disabled()
    await page.locator(".w-panel button", has_text="先试跑").click()
    await moderator.sees("车站门口有黑车揽客", within=".w-tried")
    await expect(page.locator(".w-sums dd").first).to_have_text("1")
    await page.fill("#w-reason", "今晚有人揽客")
    await page.keyboard.press("Enter")
    await expect(page.locator(".w-now b")).to_have_text("v1", timeout=WAIT_MS)
    await expect(page.locator(".w-panel")).to_have_count(0)
    await expect(page.locator(".w-now")).not_to_contain_text("还在用", timeout=WAIT_MS)

    # The next post at this node is judged by it, and its reason says which version.
    api = await opened(sign_in(server.base, "moderator1"))
    await asks(server, room, "出站还有黑车吗？", name="网民二")
    queue = (await api.get(f"/rooms/{room}/queue"))["items"]
    reasons = next(one["reasons"] for one in queue if one["body"].startswith("出站"))
    assert {"phase": "wordlist", "term": "黑车", "from": 4, "to": 6, "list": 1} in reasons

    await page.locator(".w-row button", has_text="删除").click()
    await page.locator(".w-panel button", has_text="先试跑").click()
    await expect(page.locator(".w-sums")).to_be_visible(timeout=WAIT_MS)
    await page.fill("#w-reason", "误伤太多")
    await page.keyboard.press("Enter")
    await expect(page.locator(".w-now b")).to_have_text("v2", timeout=WAIT_MS)
    await page.locator(".seg button", has_text="历史").click()
    await moderator.sees("今晚有人揽客", within=".w-versions")
    await page.locator("[aria-label='恢复这一版 v1']").click()
    await expect(page.locator("#w-reason")).to_have_value("恢复到 v1", timeout=WAIT_MS)
    await expect(publish).to_be_enabled(timeout=WAIT_MS)
    await publish.click()
    await expect(page.locator(".w-now b")).to_have_text("v3", timeout=WAIT_MS)
    assert (await api.get("/wordlists/city"))["terms"].endswith("黑车,,hold,plain\n")
    assert moderator.complaints == []


async def test_a_colleague_who_was_first_is_said_and_nothing_typed_is_lost(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    moderator: Person = await at_the_lists(browser, server, "moderator2")
    page = moderator.page
    await page.fill("#w-term", "卖票")
    await page.keyboard.press("Enter")
    await page.locator(".w-panel button", has_text="先试跑").click()
    await expect(page.locator(".w-sums")).to_be_visible(timeout=WAIT_MS)
    api = await opened(sign_in(server.base, "moderator1"))
    based_on = (await api.get("/wordlists/city"))["number"]
    await api.post("/wordlists/city/versions", {"based_on": based_on, "reason": "先一步", "put": "黄牛\n"})
    await page.fill("#w-reason", "后一步")
    await page.keyboard.press("Enter")
    await moderator.sees("别人刚发布了新的一版", within=".w-panel")
    await expect(page.locator("#w-reason")).to_have_value("后一步")
    await moderator.sees("加上或修改 1 个词", within=".w-panel")
