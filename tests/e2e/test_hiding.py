"""Two moderators, a department, a host and a viewer: an answer is hidden by two, by keys alone, and by nobody alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.people import PHONE, WAIT_MS, person
from tests.e2e.reviewing import desk, own_server
from tests.e2e.steps_hiding import BODY, answered, proposed
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Of its own: what is proposed here stands on no other test's screen."""
    yield from own_server(Path(tmp_path_factory.mktemp("hiding")))


async def test_the_second_moderator_hides_it_by_keys_and_the_department_has_seen_it_coming(
    server: ServerProcess, browser: Browser
) -> None:
    room, answer = await answered(server.base, propose=False)
    _, another = await answered(server.base, propose=False)
    second = await desk(browser, server, "moderator2")
    price, viewer = [await person(browser, server.base) for _ in range(2)]
    await price.sign_in("price1")
    await price.go(f"/desk/rooms/{room}")
    await price.page.locator(".inbox .tabs3 button").last.click()
    await price.page.locator(".qrow").first.click()
    await viewer.go(f"/rooms/{room}")
    await viewer.sees(BODY)
    await proposed(server.base, answer)

    await second.sees("1 条答复待另一人确认", within=".hid-row")
    await second.sees("林乔", within=".hid-row")
    await price.sees("有人提议隐去这条答复", within=".hid-note")
    await price.sees_not("林乔", within=".hid-note")
    await expect(price.page.locator(".hid-note button")).to_have_count(0)
    await proposed(server.base, another)
    await second.sees("2 条答复待另一人确认", within=".hid-row")
    await second.page.keyboard.press("d")
    await expect(second.page.locator(".hid-l li").first).to_be_focused(timeout=WAIT_MS)
    await second.sees(BODY, within=".hid-l")
    await viewer.sees(BODY)
    await second.page.keyboard.press("y")
    await second.sees("已隐去，两人姓名都记录在案")
    await viewer.sees_not(BODY)
    # The other one has moved up and was not looked at: a key pressed once too often is about nothing.
    await expect(second.page.locator(".hid-l li")).to_have_count(1, timeout=WAIT_MS)
    await second.page.keyboard.press("y")
    await second.page.keyboard.press("j")
    await expect(second.page.locator(".hid-l li")).to_be_focused(timeout=WAIT_MS)
    await second.page.keyboard.press("x")
    await second.sees("不隐去，照常显示")
    await expect(second.page.locator(".hid-row")).to_have_count(0, timeout=WAIT_MS)
    await expect(price.page.locator(".hid-note")).to_have_count(0, timeout=WAIT_MS)
    await second.page.keyboard.press("Escape")
    await expect(second.page.locator(".hid-guard")).to_have_count(0)
    assert second.complaints == price.complaints == viewer.complaints == []


async def test_the_host_declines_at_the_desk_and_who_proposed_may_only_withdraw(
    server: ServerProcess, browser: Browser
) -> None:
    room, answer = await answered(server.base)
    first = await person(browser, server.base, **PHONE)
    await first.sign_in("moderator1")
    await first.go("/moderation")
    await first.sees("您提议隐去的 1 条答复待另一人确认", within=".hid-row")
    await first.page.locator(".hid-row .btn").click()
    await expect(first.page.locator(".hid-l .btn")).to_have_text(["撤回提议X"])
    assert await first.overflow() == 0
    host = await person(browser, server.base)
    await host.sign_in("host")
    await host.go(f"/desk/rooms/{room}")
    await host.page.locator(".inbox .tabs3 button").last.click()
    await host.page.locator(".qrow").first.click()
    await host.sees("林乔", within=".hid-note")
    await host.page.locator(".hid-note").get_by_role("button", name="不隐去").click()
    await host.sees("不隐去，照常显示")
    await first.sees("没有待另一人确认的隐去", within=".hid-guard")
    await proposed(server.base, answer)
    await first.page.locator(".hid-l .btn").click()
    await first.sees("已撤回提议，照常显示")
    await expect(host.page.locator(".hid-note")).to_have_count(0, timeout=WAIT_MS)
    assert first.complaints == host.complaints == []
