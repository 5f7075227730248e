"""值守总览 in a real browser: it is drawn afresh while somebody looks, and nobody's place on it is lost."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.client import sign_in
from tests.e2e.people import WAIT_MS, person
from tests.e2e.screens import signed_in
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def test_who_comes_on_duty_is_seen_without_a_reload_and_the_focus_stays(
    server: ServerProcess, browser: Browser
) -> None:
    coordinator = await person(browser, server.base)
    moderator = await sign_in(server.base, "moderator2")
    name = (await moderator.get("/me"))["name"]
    try:
        await signed_in(coordinator, "coordinator1")
        await coordinator.go("/watch")
        page = coordinator.page
        await page.wait_for_selector("html.js", timeout=WAIT_MS)
        here = page.locator("#w-duty + ul .badge.ok", has_text=name)
        assert await here.count() == 0
        await page.focus("#watch-again")
        await moderator.post("/shift", {"state": "on"})
        # Who comes back to the page is not kept waiting for the next quarter of a minute.
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await here.wait_for(timeout=WAIT_MS)
        assert await page.evaluate("document.activeElement.id") == "watch-again"
        assert await page.is_hidden("#watch-stale")
    finally:
        await moderator.post("/shift", {"state": "off"})
        await moderator.close()
        await coordinator.context.close()
