"""The way to the states of the page of word lists."""

from __future__ import annotations

from tests.e2e.people import WAIT_MS, Person
from tests.e2e.stage import Stage


async def list_tried(somebody: Person, stage: Stage) -> None:
    """A change on its way, tried on what was said."""
    page = somebody.page
    await page.wait_for_selector(".w-now", timeout=WAIT_MS)
    await page.fill("#w-term", "地铁")
    await page.keyboard.press("Enter")
    await page.locator(".w-panel button").first.click()
    await page.wait_for_selector(".w-sums", timeout=WAIT_MS)


async def list_history(somebody: Person, stage: Stage) -> None:
    page = somebody.page
    await page.wait_for_selector(".w-now", timeout=WAIT_MS)
    await page.locator(".seg button").nth(2).click()
