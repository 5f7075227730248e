"""Reading a live room: order and filter, what waits above, the line where one stopped, the announcer."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.client import guest
from tests.e2e.people import PHONE, WAIT_MS, person
from tests.e2e.test_reading import demo_room
from tests.e2e.test_room_states import notices, open_room, open_sheet, reader_of
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(180)]


async def test_order_and_filter(server: ServerProcess, browser: Browser) -> None:
    room = await demo_room(server)
    reader = await reader_of(server, browser, room)
    page = reader.page
    await page.tap(".filters >> text=等答复")
    await expect(page.locator("#stream .thread .badge.ok")).to_have_count(0)
    await page.tap(".filters >> text=已答复")
    await expect(page.locator("#stream .thread .badge.wait")).to_have_count(0)
    await page.tap(".filters >> text=全部")
    await page.tap(".filters >> text=顶得多")
    votes = await page.locator(".thread > .q .vote:first-child .num").all_inner_texts()
    downs = await page.locator(".thread > .q .vote:nth-child(2) .num").all_inner_texts()
    scores = [int(up) - int(down) for up, down in zip(votes, downs, strict=True)]
    assert scores == sorted(scores, reverse=True)
    assert reader.complaints == []


async def test_the_lead_answers_first_and_a_joint_answer_says_so(server: ServerProcess, browser: Browser) -> None:
    reader = await reader_of(server, browser, await demo_room(server))
    joint = reader.page.locator(".answers", has=reader.page.locator(".badge.line")).first
    await expect(joint.locator(".badge.line").first).to_have_text("主答")
    await expect(joint.locator(".joint")).to_contain_text("个部门各自署名")


async def test_a_pause_counts_on_and_the_line_shows_where_one_was(server: ServerProcess, browser: Browser) -> None:
    host, room = await open_room(server)
    await notices(host, room, "早先的公告")
    reader = await reader_of(server, browser, room)
    page = reader.page
    await page.tap("text=暂停更新")
    await notices(host, room, "暂停后的一条", "暂停后的两条")
    await expect(page.locator(".pill")).to_have_text("有 2 条新内容", timeout=WAIT_MS)
    await reader.sees_not("暂停后的一条", within="[role=log]")
    await page.tap(".pill")
    await reader.sees("暂停后的一条", within="[role=log]")
    below = page.locator(".seen + [data-row]")
    await expect(below).to_contain_text("早先的公告")
    await expect(page.locator("article", has_text="暂停后的两条")).to_be_focused()


async def test_at_the_top_new_posts_enter_by_themselves(server: ServerProcess, browser: Browser) -> None:
    host, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    await notices(host, room, "自己进来的一条")
    await reader.sees("自己进来的一条", within="[role=log]")
    await expect(reader.page.locator(".pill")).to_have_count(0)


async def test_older_threads_come_by_the_button_and_nothing_moves(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server, premoderate=False)
    for person_at in range(15):
        somebody = await guest(server.base)
        for n in range(5):
            body = f"旧问题 {person_at * 5 + n} 号"
            await somebody.post(f"/rooms/{room}/posts", {"cid": body, "kind": "question", "body": body})
        await somebody.close()
    reader = await reader_of(server, browser, room)
    page = reader.page
    rows = page.locator("[role=log] > [data-row]")
    await expect(rows).to_have_count(30)
    button = page.locator("button", has_text="看更早的提问")
    await button.scroll_into_view_if_needed()
    last = rows.nth(29)
    before = (await last.bounding_box())["y"]  # type: ignore[index]
    await button.tap()
    await expect(rows).to_have_count(60, timeout=WAIT_MS)
    assert abs((await last.bounding_box())["y"] - before) < 2  # type: ignore[index]
    await button.tap()
    await reader.sees("旧问题 0 号", within="[role=log]")
    await expect(button).to_have_count(0)
    assert reader.complaints == []


async def test_the_announcer_speaks_at_the_chosen_pace(server: ServerProcess, browser: Browser) -> None:
    host, room = await open_room(server)
    reader = await person(browser, server.base, **PHONE)
    await reader.page.clock.install()
    await reader.go(f"/rooms/{room}")
    await reader.page.wait_for_selector("#stream [role=log]")
    await reader.page.select_option(".pace select", "15")
    await notices(host, room, "会被播报的一条")
    await reader.page.clock.run_for(8_000)
    await reader.sees("会被播报的一条", within="[role=log]")
    spoken = reader.page.locator("#stream > .sr[aria-live=polite]").first
    await expect(spoken).to_have_text("")
    await reader.page.clock.run_for(10_000)
    await expect(spoken).to_have_text("新增 1 条：0 条答复，0 个问题。", timeout=WAIT_MS)
    await reader.page.reload()
    await reader.page.wait_for_selector("#stream [role=log]")
    await expect(reader.page.locator(".pace select")).to_have_value("15")


async def test_two_taps_from_the_address_to_a_question(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    await reader.page.tap(".askbar >> text=我要提问")
    await reader.page.keyboard.type("两下就能提问吗？")
    await reader.page.tap("text=提交，审核后公开")
    await reader.sees("两下就能提问吗？", within="#mine")


async def test_the_sheet_holds_the_focus_and_gives_it_back(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    page = reader.page
    await open_sheet(page)
    assert await page.locator("#main").get_attribute("inert") == ""
    inside = "document.getElementById('tools').contains(document.activeElement)"
    for key in ("Tab",) * 8 + ("Shift+Tab",) * 8:
        await page.keyboard.press(key)
        assert await page.evaluate(inside), key
    await page.keyboard.press("Escape")
    await expect(page.locator(".askbar button.fake")).to_be_focused()
    assert await page.locator("#main").get_attribute("inert") is None
    await open_sheet(page)
    await page.mouse.click(100, 40)
    await expect(page.locator(".tools.open")).to_have_count(0)
