"""Appeals and reports as cards: decided by keys alone, taken back where that is possible, and a colleague sees it."""

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
    yield from own_server(Path(tmp_path_factory.mktemp("cases")))


@pytest.fixture
async def room(server: ServerProcess) -> AsyncIterator[str]:
    async for made in own_room(server):
        yield made


async def at_the_cases(browser: Browser, server: ServerProcess, username: str) -> Person:
    somebody = await person(browser, server.base)
    await somebody.sign_in(username)
    await somebody.go("/moderation/cases")
    await somebody.page.wait_for_selector(".cases .mrow", timeout=WAIT_MS)
    return somebody


async def test_an_appeal_and_a_report_are_decided_by_keys_alone(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    asker, refused = await asks(server, room, "共享自行车停哪里？")
    _, shown = await asks(server, room, "这里写着别人的电话", name="路人")
    first = await opened(sign_in(server.base, "moderator1"))
    await first.post("/queue/pull", {"n": 50, "room": room})
    await first.post(f"/posts/{refused}/decide", {"ver": 1, "verdict": "reject", "reason": "6"})
    await first.post(f"/posts/{shown}/decide", {"ver": 1, "verdict": "publish"})
    await asker.post(f"/posts/{refused}/appeal", {"text": "问的是站口"})
    await asker.post(f"/posts/{shown}/report", {"reason": "3", "note": "有号码"})

    two = await at_the_cases(browser, server, "moderator2")
    one = await at_the_cases(browser, server, "moderator1")
    page = two.page
    # Who refused it reads it, and is offered nothing.
    await one.page.locator(".cases .mrow", has_text="共享自行车").click()
    await one.sees("须由另一位审核员复核", within="#one")
    await expect(one.page.locator("#one .acts5")).to_have_count(0)

    await two.sees("问的是站口", within="#one")
    await page.keyboard.press("a")
    await two.sees("不能撤回", within="#one .sure")
    await page.keyboard.press("a")
    await two.sees("已撤销原处理", within=".mod-screen .toast")
    await expect(one.page.locator(".cases .mrow")).to_have_count(1, timeout=WAIT_MS)
    await two.sees("有号码", within="#one")
    await page.keyboard.press("r")
    await page.keyboard.press("3")
    await two.sees("秒内可撤", within=".mod-screen .toast")
    await two.sees("没有待处理的申诉和举报", within=".cases")
    await page.keyboard.press("z")
    await two.sees("已恢复公开", within=".mod-screen .toast")
    bodies = {thread["body"] for thread in (await asker.get(f"/rooms/{room}/questions?limit=10"))["items"]}
    assert bodies == {"共享自行车停哪里？", "这里写着别人的电话"}
    # The bar counts them, from every screen.
    await expect(page.locator(".mod-links .badge")).to_have_count(0)
    assert one.complaints == two.complaints == []
