"""Moderators at one queue: they never meet, decide by keys alone, take back what they did, are told what they lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, Route, expect

from tests.client import Api, sign_in
from tests.e2e.people import WAIT_MS, Person, person
from tests.e2e.reviewing import MINE, OPEN, asks, card, desk, of, opened, own_room, own_server
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(180)]

ROWS = 10_000
PAGE = 200


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Of its own: these tests empty the queue."""
    yield from own_server(Path(tmp_path_factory.mktemp("moderation")))


@pytest.fixture
async def room(server: ServerProcess) -> AsyncIterator[str]:
    async for made in own_room(server):
        yield made


async def test_two_moderators_never_meet(server: ServerProcess, browser: Browser, room: str) -> None:
    for n in range(8):
        await asks(server, room, f"第 {n} 个问题：首班车几点？", name=f"网民{n}")
    one, two = await desk(browser, server, "moderator1"), await desk(browser, server, "moderator2")
    for somebody in one, two:
        await expect(somebody.page.locator(MINE)).not_to_have_count(0, timeout=WAIT_MS)
    # Each sees what the other holds: greyed, in its place, with the name and the time left.
    await expect(one.page.locator(".mrow.held").first).to_contain_text("何晏 在审，剩", timeout=WAIT_MS)
    await expect(two.page.locator(".mrow.held").first).to_contain_text("林乔 在审，剩", timeout=WAIT_MS)
    for _ in range(3):
        assert not await of(one.page, MINE) & await of(two.page, MINE)
        gone = await one.page.locator("#one .msg").inner_text()
        await one.page.keyboard.press("a")
        await expect(two.page.locator(".mrow", has_text=gone)).to_have_count(0, timeout=WAIT_MS)
    assert one.complaints == two.complaints == []


async def test_refused_by_keys_alone_and_taken_back(server: ServerProcess, browser: Browser, room: str) -> None:
    netizen, post = await asks(server, room, "电话 13800138000，找我")
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    await expect(page.locator("#one mark")).to_have_text("13800138000", timeout=WAIT_MS)
    await page.keyboard.press("r")
    await expect(page.locator(".reasons button").first).to_be_focused()
    await page.keyboard.press("3")
    await moderator.sees("不予发布，已告诉作者", within=".mod-screen .toast")
    (own,) = (await netizen.get(f"/rooms/{room}/mine"))["posts"]
    assert (own["post"], own["state"]) == (post, "rejected")

    await page.keyboard.press("z")
    await expect(card(page, "找我")).to_be_visible(timeout=WAIT_MS)
    await moderator.sees("第 2 版", within="#one")
    (own,) = (await netizen.get(f"/rooms/{room}/mine"))["posts"]
    assert own["state"] == "pending"
    assert moderator.complaints == []


async def test_published_hidden_again_and_shown_again_from_the_list_of_today(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    await asks(server, room, "公交卡还能用吗？")
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    await expect(card(page, "公交卡")).to_be_visible(timeout=WAIT_MS)
    await page.keyboard.press("a")
    await moderator.sees("秒内可撤", within=".mod-screen .toast")
    await page.keyboard.press("z")
    await moderator.sees("内容已隐去", within=".mod-screen .toast")
    everyone = Api(server.base)
    OPEN.append(everyone)
    shown = await everyone.get(f"/rooms/{room}/events?lane=pub&after=0&limit=50")
    assert "公交卡" not in json.dumps(shown, ensure_ascii=False)

    await page.get_by_role("button", name="我今天").click()
    done = page.locator(".today li", has_text="公交卡")
    await done.get_by_role("button", name="恢复公开").click()
    await moderator.sees("已恢复公开", within=".mod-screen .toast")
    shown = await everyone.get(f"/rooms/{room}/events?lane=pub&after=0&limit=50")
    assert "公交卡" in json.dumps(shown, ensure_ascii=False)


async def test_who_lost_a_lease_is_told_who_decided_and_what(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    _, post = await asks(server, room, "月票从哪天开始卖？")
    moderator = await desk(browser, server, "moderator1")
    await expect(card(moderator.page, "月票")).to_be_visible(timeout=WAIT_MS)
    same = await opened(sign_in(server.base, "moderator1"))
    colleague = await opened(sign_in(server.base, "moderator2"))
    await same.post(f"/posts/{post}/release", {"ver": 1})
    await colleague.post("/queue/pull", {"post": post})
    await colleague.post(f"/posts/{post}/decide", {"ver": 1, "verdict": "publish"})
    await moderator.sees("领取已过期，这条已由何晏通过。您的结论没有生效。", within="#one")
    await expect(moderator.page.locator(".mrow")).to_have_count(0, timeout=WAIT_MS)


async def test_a_text_changed_meanwhile_is_judged_anew(server: ServerProcess, browser: Browser, room: str) -> None:
    netizen, post = await asks(server, room, "开听证会还有意义吗？")
    moderator = await desk(browser, server, "moderator1")
    await expect(card(moderator.page, "听证会")).to_be_visible(timeout=WAIT_MS)
    await netizen.post(f"/posts/{post}/revise", {"ver": 1, "body": "开听证会还有什么意义吗？"})
    await moderator.sees("作者刚改了稿", within="#one")
    await expect(moderator.page.locator("#one .msg mark")).to_have_text("什么")
    await moderator.page.keyboard.press("a")
    await moderator.sees("秒内可撤", within=".mod-screen .toast")
    (own,) = (await netizen.get(f"/rooms/{room}/mine"))["posts"]
    assert (own["state"], own["body"]) == ("published", "开听证会还有什么意义吗？")


async def test_the_first_after_a_rest_sounds_if_wanted(server: ServerProcess, browser: Browser, room: str) -> None:
    moderator = await desk(browser, server, "moderator1")
    sound = moderator.page.locator(".sound")
    await expect(sound).to_have_attribute("aria-pressed", "false")
    await moderator.sees("都审完了", within=".mod-list")
    await sound.click()
    await moderator.sees("并有声音提示", within=".mod-list")
    await asks(server, room, "换乘优惠怎么算？")
    await expect(moderator.page.locator(".mod-screen")).to_have_attribute("data-chimes", "1", timeout=WAIT_MS)
    await asks(server, room, "学生票几折？")
    await expect(moderator.page.locator(".mrow")).to_have_count(2, timeout=WAIT_MS)
    await expect(moderator.page.locator(".mod-screen")).to_have_attribute("data-chimes", "1")
    await moderator.go("/moderation")
    await expect(moderator.page.locator(".sound")).to_have_attribute("aria-pressed", "true", timeout=WAIT_MS)


async def test_everything_by_the_keyboard(server: ServerProcess, browser: Browser, room: str) -> None:
    netizen, _ = await asks(server, room, "一号口的坡道太陡")
    await asks(server, room, "二号口没有电梯")
    moderator = await desk(browser, server, "moderator1")
    page, keys = moderator.page, moderator.page.keyboard
    await expect(card(page, "一号口")).to_be_visible(timeout=WAIT_MS)
    await keys.press("j")
    await expect(card(page, "二号口")).to_be_visible()
    await keys.press("k")
    await expect(card(page, "一号口")).to_be_visible()

    # What a key opens, Escape shuts, and the focus is back where one was.
    for key, form in (("u", "form.mute"), ("n", "#mod-note"), ("r", ".reasons")):
        await keys.press(key)
        await expect(page.locator(form)).to_be_visible()
        await keys.press("Escape")
        await expect(page.locator(form)).to_have_count(0)
        await expect(page.locator(f"#one [aria-keyshortcuts={key.upper()}]")).to_be_focused()

    await keys.press("n")
    await expect(page.locator("#mod-note")).to_be_focused()
    await keys.type("a 请写明哪一站")
    await keys.press("Escape")
    await keys.press("r")
    await keys.press("8")
    await moderator.sees("已告诉作者", within=".mod-screen .toast")
    (own,) = (await netizen.get(f"/rooms/{room}/mine"))["posts"]
    assert (own["state"], own["note"]) == ("rejected", "a 请写明哪一站")

    await keys.press("u")
    await keys.press("Enter")
    await page.get_by_role("button", name="禁言").first.focus()
    await keys.press("Enter")
    await moderator.sees("已禁言", within=".mod-screen .toast")

    await keys.press("s")
    await expect(page.locator(".mrow", has_text="二号口").locator(".minemark")).to_have_count(0, timeout=WAIT_MS)
    await keys.press("?")
    await expect(page.locator(".keys")).to_contain_text("不予发布")
    await keys.press("Escape")
    await freeze_by_keyboard(moderator, server, room)
    assert moderator.complaints == []


async def freeze_by_keyboard(moderator: Person, server: ServerProcess, room: str) -> None:
    page, everyone = moderator.page, Api(server.base)
    OPEN.append(everyone)
    await page.locator(".emb").focus()
    await page.keyboard.press("Enter")
    await page.locator(f'.guard input[value="{room}"]').focus()
    await page.keyboard.press("Space")
    await page.locator(".hold").focus()
    await page.keyboard.press("Space")
    assert not (await everyone.get(f"/rooms/{room}"))["frozen"], "a short press freezes nothing"
    await page.keyboard.down("Space")
    await moderator.sees("已冻结", within=".mod-screen")
    await page.keyboard.up("Space")
    assert (await everyone.get(f"/rooms/{room}"))["frozen"]
    await page.locator(".frozen button").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".frozen")).to_have_count(0, timeout=WAIT_MS)


async def test_keys_are_off_when_turned_off(server: ServerProcess, browser: Browser, room: str) -> None:
    await asks(server, room, "末班车几点？")
    moderator = await desk(browser, server, "moderator1")
    await expect(card(moderator.page, "末班车")).to_be_visible(timeout=WAIT_MS)
    await moderator.page.get_by_role("button", name="关闭快捷键").click()
    for key in "a", "s", "r":
        await moderator.page.keyboard.press(key)
    await expect(card(moderator.page, "末班车")).to_be_visible()
    await expect(moderator.page.locator(".reasons")).to_have_count(0)
    await moderator.page.locator("#one .pass").click()
    await moderator.sees("秒内可撤", within=".mod-screen .toast")


async def test_ten_thousand_rows_scroll_without_a_blank_one(server: ServerProcess, browser: Browser, room: str) -> None:
    moderator = await person(browser, server.base)
    await moderator.page.route("**/api/v1/queue?limit=*", queue_of(room))
    await moderator.sign_in("moderator2")
    await moderator.go("/moderation")
    await expect(moderator.page.locator(".mrow").first).to_have_attribute("data-post", "p00000", timeout=WAIT_MS)
    await expect(moderator.page.locator(".health .num").first).to_have_text(str(ROWS), timeout=WAIT_MS)
    found = await moderator.page.evaluate(SCROLL)
    assert found["last"] == f"p{ROWS - 1:05}"
    assert found["blank"] == 0
    assert found["nodes"] < 3000


def queue_of(room: str) -> Any:
    """The server's answer for a queue of ten thousand, in pages."""

    async def answer(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        first = int(asked.get("cursor", ["0"])[0])
        items = [one(n, room) for n in range(first, min(first + PAGE, ROWS))]
        rest = first + PAGE if first + PAGE < ROWS else None
        await route.fulfill(json={"items": [] if "state" in asked else items, "next": rest and str(rest)})

    return answer


def one(n: int, room: str) -> dict[str, Any]:
    return {
        "post": f"p{n:05}",
        "ver": 1,
        "room": room,
        "kind": "question",
        "body": f"第 {n} 条：起步价能不能定两元？",
        "by": {"name": "网民", "role": "netizen", "id": "g:1"},
        "at": 1_700_000_000_000 + n,
        "reasons": [{"phase": "premoderation"}],
        "lease_until": 0,
        "lease_by": None,
        "reply_to": None,
        "state": "waiting",
        "post_state": "pending",
    }


# Jumps of a third of a screen up to many screens, each looked at in the frame that shows it.
SCROLL = """async () => {
  const list = document.querySelector('.mod-list')
  const box = list.getBoundingClientRect()
  const frame = () => new Promise((done) => requestAnimationFrame(() => done()))
  let blank = 0
  const look = () => {
    for (let y = box.top + 8; y < box.bottom - 8; y += 24) {
      const at = document.elementFromPoint(box.left + 60, y)
      if (!at || !at.closest('.mrow')) blank++
    }
  }
  const jumps = [0.3, 0.9, 2, 5, 12, 40, 7, 0.5]
  let turn = 0
  while (list.scrollTop + list.clientHeight < list.scrollHeight - 2) {
    list.scrollTop += list.clientHeight * jumps[turn++ % jumps.length]
    await frame()
    look()
  }
  await frame()
  const rows = [...document.querySelectorAll('.mrow')]
  return { blank, last: rows[rows.length - 1].dataset.post, nodes: document.querySelectorAll('*').length }
}"""


async def test_why_a_room_holds_is_said_and_an_author_is_watched_from_the_next_post_on(
    server: ServerProcess, browser: Browser, room: str
) -> None:
    netizen, _ = await asks(server, room, "换乘怎么算钱？", name="老问")
    moderator = await desk(browser, server, "moderator1")
    page = moderator.page
    await expect(page.locator(".room-policy summary")).to_have_text("本室先审后发", timeout=WAIT_MS)
    await page.locator(".room-policy summary").click()
    await moderator.sees("重点关注的作者一律要审", within=".room-policy")
    await expect(page.locator(".trust b")).to_have_text("新作者", timeout=WAIT_MS)

    await page.locator(".trust button", has_text="改信任").click()
    await expect(page.locator("#trust-level")).to_be_focused()
    await page.fill("#trust-reason", "换着账号刷屏")
    await page.keyboard.press("Enter")
    await expect(page.locator(".trust b")).to_have_text("重点关注", timeout=WAIT_MS)
    await moderator.sees("换着账号刷屏", within=".trust")

    host = await opened(sign_in(server.base, "host"))
    await host.call("PATCH", f"/rooms/{room}", {"policy": {"premoderate": False}})
    sent = await netizen.post(f"/rooms/{room}/posts", {"cid": "x", "kind": "question", "body": "再问一句"})
    assert (sent["state"], "reasons" in sent) == ("pending", False)
    assert moderator.complaints == []
