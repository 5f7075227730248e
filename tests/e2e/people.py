"""People at real browsers: each in a context of their own, their console watched."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocketRoute, async_playwright, expect

from tests.services.chromium import find_chromium, launch_arguments

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
WAIT_MS = 15_000


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    executable = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(executable), args=launch_arguments(executable), headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Line:
    """A network under one page's sockets that a test can cut and mend."""

    cut_off: bool = False
    # Neither side hears the other and neither is told: a cable pulled, a laptop asleep.
    silent: bool = False
    routes: list[WebSocketRoute] = field(default_factory=list)
    opened: int = 0

    async def lay(self, page: Page) -> None:
        await page.route_web_socket("**/ws", self._open)

    async def _open(self, route: WebSocketRoute) -> None:
        self.opened += 1
        if self.cut_off:
            await route.close(code=1001)
            return
        server = route.connect_to_server()
        route.on_message(lambda told: None if self.silent else server.send(told))
        server.on_message(lambda told: None if self.silent else route.send(told))
        self.routes.append(route)

    async def cut(self) -> None:
        self.cut_off = True
        while self.routes:
            await self.routes.pop().close(code=1001)

    def mend(self) -> None:
        self.cut_off = False


@dataclass
class Person:
    """One page, and everything it complained about."""

    base: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    line: Line | None = None

    async def go(self, path: str) -> None:
        await self.page.goto(self.base + path)

    async def alive(self) -> None:
        """The script has taken over."""
        await self.page.wait_for_selector("html.js", state="attached")

    async def sign_in(self, username: str) -> None:
        await self.go("/signin")
        await self.page.click(f"button[value={username}]")
        await self.page.wait_for_url(lambda url: "/signin" not in url)

    async def sees(self, text: str, *, within: str = "body") -> None:
        await expect(self.page.locator(within)).to_contain_text(text, timeout=WAIT_MS)

    async def sees_not(self, text: str, *, within: str = "body") -> None:
        await expect(self.page.locator(within)).not_to_contain_text(text, timeout=WAIT_MS)

    async def overflow(self) -> int:
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(await self.page.evaluate(width))

    def _heard(self, message: ConsoleMessage) -> None:
        # A socket that a test cuts off is not a fault of the page.
        if message.type == "error" and "WebSocket" not in message.text:
            self.complaints.append(message.text)


async def person(browser: Browser, base: str, *, script: bool = True, lang: str = "zh-CN", **device: Any) -> Person:
    options = {**DESKTOP, **device}
    context = await browser.new_context(locale=lang, timezone_id="Asia/Shanghai", java_script_enabled=script, **options)
    context.set_default_timeout(WAIT_MS)
    page = await context.new_page()
    somebody = Person(base, context, page)
    page.on("console", somebody._heard)
    page.on("pageerror", lambda error: somebody.complaints.append(str(error)))
    return somebody
