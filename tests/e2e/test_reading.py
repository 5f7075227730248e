"""A browser without script reads and asks; no page is wider than a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.client import Api, sign_in
from tests.e2e.people import PHONE, WAIT_MS, person
from tests.e2e.screens import signed_in
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(180)]

QUESTION = "站里会有母婴室吗？"


async def demo_room(server: ServerProcess) -> str:
    api = Api(server.base)
    rooms = await api.get("/rooms?state=live")
    await api.close()
    return str(next(room["id"] for room in rooms["items"] if "三部门" in room["title"]))


async def own_room(server: ServerProcess) -> str:
    host = await sign_in(server.base, "host")
    room = await host.post("/rooms", {"title": "无脚本的一场", "departments": ["price"], "open": True})
    await host.close()
    return str(room["id"])


async def test_reading_asking_and_taking_back_without_script(server: ServerProcess, browser: Browser) -> None:
    room = await own_room(server)
    netizen = await person(browser, server.base, script=False, **PHONE)
    await netizen.go("/")
    await netizen.page.click(f"a[href='/rooms/{room}'] >> nth=0")
    await netizen.page.click(".askbar a")
    await netizen.page.fill("#ask-name", "带娃的人")
    await netizen.page.fill("#ask-body", QUESTION)
    await netizen.page.click("#ask button[type=submit]")
    await netizen.sees("收到了，正在审核。")
    await netizen.sees(QUESTION, within="#mine")
    stranger = await person(browser, server.base, script=False)
    await stranger.go(f"/rooms/{room}")
    await stranger.sees_not(QUESTION)
    await netizen.page.click("text=撤回")
    await netizen.sees("您已撤回", within="#mine")


async def test_the_same_person_with_and_without_script(server: ServerProcess, browser: Browser) -> None:
    """Who asked by the live page is known to the plain one: the draft's owner is one guest, not two."""
    room = await own_room(server)
    netizen = await person(browser, server.base)
    await netizen.go(f"/rooms/{room}")
    await netizen.page.wait_for_selector("#stream [role=log]")
    await netizen.page.wait_for_selector("#ask-body")
    await netizen.page.fill("#ask-body", QUESTION)
    await netizen.page.keyboard.press("Control+Enter")
    await netizen.sees(QUESTION, within="#mine")
    await netizen.page.reload()
    await netizen.page.wait_for_selector("#stream [role=log]")
    await netizen.sees(QUESTION, within="#mine")
    assert netizen.complaints == []


async def test_a_draft_survives_a_reload(server: ServerProcess, browser: Browser) -> None:
    room = await own_room(server)
    netizen = await person(browser, server.base)
    await netizen.go(f"/rooms/{room}")
    await netizen.page.wait_for_selector("#stream [role=log]")
    await netizen.page.fill("#ask-body", "写到一半")
    await netizen.page.reload()
    await netizen.page.wait_for_selector("#stream [role=log]")
    await expect(netizen.page.locator("#ask-body")).to_have_value("写到一半", timeout=WAIT_MS)


async def test_new_posts_wait_above_a_reader_and_the_page_does_not_move(
    server: ServerProcess, browser: Browser
) -> None:
    room = await demo_room(server)
    reader = await person(browser, server.base, **PHONE)
    await reader.go(f"/rooms/{room}")
    await reader.page.wait_for_selector("#stream [role=log]")
    await reader.page.evaluate("window.scrollTo(0, 900)")
    before = await reader.page.evaluate("document.querySelector('.thread:nth-of-type(3)').getBoundingClientRect().top")
    host = await sign_in(server.base, "host")
    await host.post(f"/rooms/{room}/posts", {"cid": "pill-1", "kind": "notice", "body": "刚刚发出的公告"})
    await host.close()
    pill = reader.page.locator(".pill")
    await expect(pill).to_be_visible(timeout=WAIT_MS)
    await reader.sees_not("刚刚发出的公告", within="[role=log]")
    after = await reader.page.evaluate("document.querySelector('.thread:nth-of-type(3)').getBoundingClientRect().top")
    assert abs(after - before) < 2
    await pill.click()
    await reader.sees("刚刚发出的公告", within="[role=log]")
    await expect(reader.page.locator("article.notice", has_text="刚刚发出的公告")).to_be_focused()


# What is there once the script has put its own in the place of the server's.
READY = {
    "/rooms/": "#stream [role=log], .doc",
    "/desk": ".console-app .desk-room, .console-app .qrow, .console-app #title",
    "/moder": ".mod-screen",
}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_no_page_is_wider_than_its_screen(server: ServerProcess, browser: Browser, lang: str) -> None:
    """Large, which is the wider; as it stands each is measured with the messy texts, on a narrower screen."""
    room = await demo_room(server)
    public = ("/", "/signin", f"/rooms/{room}", f"/rooms/{room}/transcript", "/nowhere")
    for who, paths in (
        ("", public),
        ("host", ("/desk", "/desk/new", f"/desk/rooms/{room}")),
        ("moderator2", ("/moderation",)),
    ):
        somebody = await person(browser, server.base, lang=lang, **PHONE)
        await signed_in(somebody, who)
        for path in paths:
            await somebody.go(f"{path}?size=large")
            ready = next((ready for begins, ready in READY.items() if path.startswith(begins)), "main")
            await somebody.page.wait_for_selector(ready)
            assert await somebody.overflow() <= 0, path
        await somebody.context.close()
