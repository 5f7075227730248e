"""Beside the card: the rules of its room, stricter by one press, looser after a question; and the post's history."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.axe import violations
from tests.e2e.people import WAIT_MS, person
from tests.e2e.reviewing import asks, card, desk, own_room, own_server
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Of its own: these tests empty the queue."""
    yield from own_server(Path(tmp_path_factory.mktemp("beside")))


@pytest.fixture
async def room(server: ServerProcess) -> AsyncIterator[str]:
    async for made in own_room(server):
        yield made


async def test_a_host_is_told_what_will_go_out_unread_before_it_does(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    netizen, _ = await asks(server, room, "先审的这一条还等着")
    host = await person(browser, server.base)
    await host.sign_in("host")
    await host.go(f"/desk/rooms/{room}/policy")
    page = host.page
    first = page.locator("[data-rule=first]")
    pressed = first.locator("button[aria-pressed=true]")
    await expect(pressed).to_have_text("全部先审", timeout=WAIT_MS)
    await expect(first.locator(".meta")).to_contain_text("建室时就这样")

    await first.get_by_role("button", name="不先审，直接公开").press("Enter")
    asked = first.locator("form")
    await expect(asked).to_contain_text("没人看过就立刻公开", timeout=WAIT_MS)
    await expect(asked).to_contain_text("最近 1 条里，1 条只因先审留下，其中 0 条后来被拒绝")
    await expect(asked).to_contain_text("现在等着的 1 条不受影响")
    await expect(asked.locator("input")).to_be_focused(timeout=WAIT_MS)
    await page.keyboard.press("Escape")
    await expect(asked).to_have_count(0)
    await expect(pressed).to_have_text("全部先审")
    await expect(pressed).to_be_focused()

    await first.get_by_role("button", name="不先审，直接公开").press("Enter")
    await expect(asked.locator("input")).to_be_focused(timeout=WAIT_MS)
    await page.keyboard.type("值班的人手够了")
    await page.keyboard.press("Enter")
    await expect(pressed).to_have_text("不先审，直接公开", timeout=WAIT_MS)
    await expect(first.locator(".meta")).to_contain_text("值班的人手够了")
    sent = {"cid": "next", "kind": "question", "body": "下一条就直接公开了吗？"}
    assert (await netizen.post(f"/rooms/{room}/posts", sent))["state"] == "published"

    # Stricter: one press, no question.
    await first.get_by_role("button", name="全部先审").press("Enter")
    await expect(pressed).to_have_text("全部先审", timeout=WAIT_MS)
    sent = {"cid": "after", "kind": "question", "body": "这一条又要先审了吗？"}
    assert (await netizen.post(f"/rooms/{room}/posts", sent))["state"] == "pending"
    assert host.complaints == []


async def test_one_person_hides_what_took_two_only_after_a_reason_was_given(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    host = await person(browser, server.base)
    await host.sign_in("host")
    await host.go(f"/desk/rooms/{room}/policy")
    rule = host.page.locator("[data-rule=two_person]")
    pressed, asked = rule.locator("button[aria-pressed=true]"), rule.locator("form")
    await rule.get_by_role("button", name="须两人同意").press("Enter")
    await expect(pressed).to_have_text("须两人同意", timeout=WAIT_MS)

    await rule.get_by_role("button", name="一人即可").press("Enter")
    await expect(asked).to_contain_text("一个人就能隐去部门的答复", timeout=WAIT_MS)
    await expect(asked.locator("li")).to_have_count(1)
    await expect(asked.locator("input")).to_be_focused(timeout=WAIT_MS)
    await expect(pressed).to_have_text("须两人同意")
    await host.page.keyboard.type("今晚只有一人值班")
    await host.page.keyboard.press("Enter")
    await expect(pressed).to_have_text("一人即可", timeout=WAIT_MS)
    await expect(rule.locator(".meta")).to_contain_text("今晚只有一人值班")
    assert host.complaints == []


async def test_a_moderator_tightens_by_key_over_the_card_and_loosens_nothing(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    await asks(server, room, "卡片还在原处")
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    await expect(card(page, "卡片还在原处")).to_be_visible(timeout=WAIT_MS)
    await page.keyboard.press("n")
    await page.locator("#mod-note").fill("打了一半的话")
    await page.keyboard.press("Escape")
    await page.keyboard.press("p")
    slow = page.locator(".pol-guard [data-rule=slow]")
    await expect(slow.locator("button[aria-pressed=true]")).to_have_text("不限", timeout=WAIT_MS)
    # Over the open panel no letter decides about the card.
    await page.keyboard.press("a")
    await slow.get_by_role("button", name="30 秒").press("Enter")
    await expect(slow.locator(".meta")).to_contain_text("林乔", timeout=WAIT_MS)
    loose = slow.get_by_role("button", name="10 秒")
    await expect(loose).to_have_attribute("aria-disabled", "true")
    await loose.press("Enter")
    await expect(slow.locator("button[aria-pressed=true]")).to_have_text("30 秒")
    await page.keyboard.press("Escape")
    await expect(page.locator(".pol-guard")).to_have_count(0)
    await expect(card(page, "卡片还在原处")).to_be_visible()
    await expect(page.locator("#mod-note")).to_have_value("打了一半的话")
    assert moderator.complaints == []


async def test_what_became_of_a_post_is_read_beside_its_card(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    netizen, post = await asks(server, room, "票价听证会的名单在哪里看？")
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    await expect(card(page, "听证会")).to_be_visible(timeout=WAIT_MS)
    await page.keyboard.press("r")
    await page.keyboard.press("3")
    await moderator.sees("不予发布，已告诉作者", within=".mod-screen .toast")
    await page.keyboard.press("z")
    await moderator.sees("第 2 版", within="#one")
    await netizen.post(f"/posts/{post}/revise", {"ver": 2, "body": "票价听证会的代表名单在哪里看？"})
    await moderator.sees("作者刚改了稿", within="#one")

    await page.keyboard.press("v")
    past = page.locator(".item-past li")
    await expect(past).to_have_count(5, timeout=WAIT_MS)
    await expect(past.nth(0)).to_contain_text("第 3 版")
    await expect(past.nth(0).locator("mark")).to_have_text("代表")
    await expect(past.nth(1)).to_contain_text("撤销了不予发布")
    await expect(past.nth(3)).to_contain_text("林乔")
    await expect(past.nth(4)).to_contain_text("票价听证会的名单在哪里看？")
    assert await violations(page) == []
    await page.keyboard.press("v")
    await expect(past.first).not_to_be_visible()
    assert moderator.complaints == []


async def test_the_desk_is_asked_from_the_card_and_the_answer_stays_with_the_post(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    await asks(server, room, "听说三号线要停运，是真的吗？")
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    await expect(card(page, "三号线")).to_be_visible(timeout=WAIT_MS)
    await page.keyboard.press("h")
    await expect(page.locator("#mod-ask")).to_be_focused(timeout=WAIT_MS)
    await page.keyboard.type("停运的说法属实吗？")
    await page.keyboard.press("Control+Enter")
    backstage = page.locator("#one .backstage")
    await expect(backstage).to_contain_text("停运的说法属实吗？", timeout=WAIT_MS)
    await expect(backstage).to_contain_text("还没人答")
    assert await violations(page) == []

    host = await person(browser, server.base)
    await host.sign_in("host")
    await host.go(f"/desk/rooms/{room}")
    note = host.page.locator(".bk li", has_text="停运的说法属实吗？")
    await expect(note).to_contain_text("审核员问", timeout=WAIT_MS)
    assert "听说三号线" not in await host.page.content()
    await note.get_by_role("button", name="答审核员").click()
    await note.locator("textarea").fill("不属实，只是夜间检修。")
    assert await violations(host.page) == []
    await note.get_by_role("button", name="答", exact=True).click()
    await expect(note).to_contain_text("已有人答", timeout=WAIT_MS)

    await expect(backstage.locator(".answers")).to_contain_text("不属实，只是夜间检修。", timeout=WAIT_MS)
    await expect(page.locator(".mrow", has_text="三号线")).to_contain_text("后台已答", timeout=WAIT_MS)
    # Left for a colleague: question and answer are there with the post.
    await page.keyboard.press("s")
    colleague = await desk(browser, server, "moderator2")
    await expect(colleague.page.locator("#one .backstage .answers")).to_contain_text("夜间检修", timeout=WAIT_MS)
    assert moderator.complaints == host.complaints == colleague.complaints == []


async def test_a_sanction_is_lifted_beside_the_card_and_asked_for_twice(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    await asks(server, room, "先写的一条")
    page = (await desk(browser, server, "moderator1")).page
    await expect(card(page, "先写的一条")).to_be_visible(timeout=WAIT_MS)
    await page.keyboard.press("u")
    await page.locator("form.mute button[type=submit]").press("Enter", timeout=WAIT_MS)
    await expect(page.locator("form.mute")).to_have_count(0, timeout=WAIT_MS)
    await page.reload()
    line = page.locator(".blk p").filter(has_text="本场禁言，到")
    await line.get_by_role("button", name="解除", exact=True).press("Enter", timeout=WAIT_MS)
    await line.get_by_role("button", name="再按一次，解除").press("Enter", timeout=WAIT_MS)
    await expect(page.locator(".blk p").filter(has_text="本场禁言，已解除")).to_be_visible(timeout=WAIT_MS)
    await expect(line).to_have_count(0)
