"""A review desk to test at: a server whose queue is emptied between tests, netizens who ask, moderators who sit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.client import Api, guest, sign_in
from tests.e2e.people import Person, person
from tests.services.server import ServerProcess

MINE = ".mrow:has(.minemark)"
OPEN: list[Api] = []


def own_server(folder: Path) -> Iterator[ServerProcess]:
    # Everybody in these tests comes from one address, and a quick machine signs them in faster than people would.
    many = {"WENZHENG_LIMITS__SIGN_INS_PER_MINUTE": "600"}
    process = ServerProcess(folder, "--demo", settings=many).start()
    yield process
    assert process.stop() == 0, process.log()[-4000:]


async def opened(api: Awaitable[Api]) -> Api:
    """Closed when the test is over."""
    OPEN.append(await api)
    return OPEN[-1]


async def empty_queue(server: ServerProcess) -> None:
    for username in "moderator1", "moderator2":
        moderator = await opened(sign_in(server.base, username))
        me = (await moderator.get("/me"))["id"]
        await moderator.post("/queue/pull", {"n": 50})
        for post in (await moderator.get("/queue?state=leased&limit=200"))["items"]:
            if post["lease_by"] == me:
                await moderator.post(f"/posts/{post['post']}/decide", {"ver": post["ver"], "verdict": "publish"})


async def own_room(server: ServerProcess) -> AsyncIterator[str]:
    """A room of its own, and nothing in the queue."""
    await empty_queue(server)
    host = await opened(sign_in(server.base, "host"))
    made = await host.post("/rooms", {"title": "审核台试验", "departments": ["price"], "open": True})
    yield made["id"]
    await host.post(f"/rooms/{made['id']}/close")
    while OPEN:
        await OPEN.pop().close()


async def asks(server: ServerProcess, room: str, body: str, *, name: str = "石板街") -> tuple[Api, str]:
    netizen = await opened(guest(server.base, name))
    made = await netizen.post(f"/rooms/{room}/posts", {"cid": body[:20], "kind": "question", "body": body})
    return netizen, made["post"]


async def desk(browser: Browser, server: ServerProcess, username: str) -> Person:
    somebody = await person(browser, server.base)
    await somebody.sign_in(username)
    await somebody.go("/moderation")
    await somebody.page.wait_for_selector(".mod-panes")
    return somebody


def card(page: Page, body: str) -> Any:
    return page.locator("#one .msg", has_text=body)


async def of(page: Page, selector: str) -> set[str]:
    return set(await page.eval_on_selector_all(selector, "all => all.map(one => one.dataset.post)"))
