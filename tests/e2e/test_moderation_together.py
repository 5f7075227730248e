"""Moderators together and posts together: taking over from a colleague, many posts at once, many questions made one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.client import Api
from tests.e2e.people import WAIT_MS, person
from tests.e2e.reviewing import MINE, OPEN, asks, card, desk, own_room, own_server
from tests.load.review_keys import decide_by_keys, fill, lateness, outcomes, rows_of, watch
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Of its own: these tests empty the queue."""
    yield from own_server(Path(tmp_path_factory.mktemp("together")))


@pytest.fixture
async def room(server: ServerProcess) -> AsyncIterator[str]:
    async for made in own_room(server):
        yield made


async def test_a_colleague_takes_over_after_being_asked_and_nothing_typed_is_lost(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    await asks(server, room, "换乘要不要重新买票？")
    one = await desk(browser, server, "moderator1")
    await expect(card(one.page, "换乘")).to_be_visible(timeout=WAIT_MS)
    await one.page.keyboard.press("n")
    await one.page.keyboard.type("请写明哪一站")
    two = await desk(browser, server, "moderator2")
    await two.page.locator(".mrow.held", has_text="换乘").click()
    await two.page.keyboard.press("t")
    await two.sees("林乔 正在审这一条", within="#one")
    await expect(two.page.get_by_role("button", name="确认接管")).to_be_focused()
    await two.page.keyboard.press("Enter")
    await expect(two.page.locator(MINE)).to_have_count(1, timeout=WAIT_MS)
    await one.sees("何晏 接管了这一条", within="#one")
    await expect(one.page.locator("#mod-note")).to_have_value("请写明哪一站")
    await two.page.keyboard.press("a")
    await two.sees("秒内可撤", within=".mod-screen .toast")
    assert one.complaints == two.complaints == []


async def test_by_keys_alone_every_verdict_is_right_and_the_other_moderator_sees_each(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    wanted = await fill(server.base, room, 12)
    one = await desk(browser, server, "moderator1")
    await one.page.wait_for_selector(".minemark")
    two = await person(browser, server.base)
    # Looks on without taking anything.
    await two.page.add_init_script("Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })")
    await two.sign_in("moderator2")
    await two.go("/moderation")
    await rows_of(two.page, wanted)
    await watch(two.page)
    pace = await decide_by_keys(one.page, wanted)
    assert {post: verdict for post, (verdict, _) in pace.decided.items()} == wanted
    assert len(await lateness(two.page, pace)) == 12
    assert await outcomes(server.base, room) == wanted
    # The last one decided is not taken for one that was lost.
    await expect(one.page.locator("#one .notice.stop")).to_have_count(0)
    assert one.complaints == two.complaints == []


async def test_a_telephone_is_covered_by_two_keys_and_nobody_else_reads_it(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    netizen, _ = await asks(server, room, "我表哥刘某电话 13800138000，起步价几元？")
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    await expect(card(page, "起步价")).to_be_visible(timeout=WAIT_MS)
    await page.keyboard.press("m")
    await expect(page.locator(".masking .mask")).to_have_text("****")
    await expect(page.locator(".masking .msg")).to_contain_text("138****8000")
    # And the name, selected by the keyboard alone.
    for key in ("Control+Home", *["ArrowRight"] * 3, *["Shift+ArrowRight"] * 2, "Space"):
        await page.keyboard.press(key)
    await expect(page.locator(".masking .mask").first).to_have_text("**")
    await page.keyboard.press("m")
    await moderator.sees("秒内可撤", within=".mod-screen .toast")
    everyone = Api(server.base)
    OPEN.append(everyone)
    (thread,) = (await everyone.get(f"/rooms/{room}/questions?limit=10"))["items"]
    assert thread["body"] == "我表哥**电话 138****8000，起步价几元？"
    (own,) = (await netizen.get(f"/rooms/{room}/mine"))["posts"]
    assert own["masked"] is True
    await page.keyboard.press("z")
    await moderator.sees("内容已隐去", within=".mod-screen .toast")
    assert moderator.complaints == []


async def test_the_same_questions_become_one_and_come_apart_again(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    same = "地铁一号线起步价为什么定在三元？"
    askers = [
        (await asks(server, room, body, name=f"网民{n}"))[0] for n, body in enumerate((same, same + "?", same + "请问"))
    ]
    await asks(server, room, same + "另外学生票打几折，老人呢？", name="阿榕")
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    boxes = page.locator(".grp input")
    await expect(boxes).to_have_count(3, timeout=WAIT_MS)
    assert [await boxes.nth(n).is_checked() for n in range(3)].count(True) == 2
    await moderator.sees("多了一个意思", within=".grp")
    await page.keyboard.press("g")
    await moderator.sees("已合并 3 条", within=".mod-screen .toast")
    everyone = Api(server.base)
    OPEN.append(everyone)
    (thread,) = (await everyone.get(f"/rooms/{room}/questions?limit=10"))["items"]
    assert thread["askers"] == 3
    own = [(await one.get(f"/rooms/{room}/mine"))["posts"][0] for one in askers]
    assert sorted("merged" in one for one in own) == [False, True, True]

    await page.keyboard.press("z")
    await moderator.sees("已撤销", within=".mod-screen .toast")
    own = [(await one.get(f"/rooms/{room}/mine"))["posts"][0] for one in askers]
    assert sorted(one["state"] for one in own) == ["pending", "pending", "published"]
    assert (await everyone.get(f"/rooms/{room}/questions?limit=10"))["items"][0].get("redacted")
    assert moderator.complaints == []


async def test_a_refusal_is_mended_for_good_and_its_author_reads_both(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    netizen, _ = await asks(server, room, "共享单车停哪里？")
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    await expect(card(page, "共享单车")).to_be_visible(timeout=WAIT_MS)
    await page.keyboard.press("r")
    await page.keyboard.press("6")
    await moderator.sees("已告诉作者", within=".mod-screen .toast")
    await page.get_by_role("button", name="我今天").click()
    await page.locator(".today li", has_text="共享单车").get_by_role("button", name="恢复公开").click()
    await moderator.sees("已恢复公开", within=".mod-screen .toast")
    (own,) = (await netizen.get(f"/rooms/{room}/mine"))["posts"]
    assert (own["state"], own["reinstated"]["reason"]) == ("published", "6")
    assert moderator.complaints == []


async def test_many_are_decided_at_once_after_a_look_at_all_of_them(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    askers = [(await asks(server, room, f"广告第{n}条：低价卖票", name=f"贩子{n}"))[0] for n in range(3)]
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    await page.get_by_role("button", name="多选").click()
    for n in range(3):
        await page.locator(".mrow", has_text=f"第{n}条").click()
    await page.locator(".bulk").get_by_role("button", name="不予发布").click()
    await moderator.sees("这 3 条都不予发布？", within=".bulk")
    await expect(page.locator(".bulk .preview li")).to_have_count(3)
    await page.locator("#bulk-rule").select_option("4")
    await page.get_by_role("button", name="确认 3 条").click()
    await moderator.sees("已处理 3 条", within=".mod-screen .toast")
    for one in askers:
        (own,) = (await one.get(f"/rooms/{room}/mine"))["posts"]
        assert (own["state"], own["reason"]) == ("rejected", "4")
    await page.keyboard.press("z")
    await expect(page.locator(".mrow")).to_have_count(3, timeout=WAIT_MS)
    assert moderator.complaints == []
