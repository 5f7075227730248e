"""Every state of a room as a citizen on a phone meets it: what is said, and that what was typed is still there."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, Page, WebSocketRoute, expect

from tests.client import Api, guest, sign_in
from tests.e2e.people import PHONE, WAIT_MS, Line, Person, person
from tests.e2e.trouble import BACK_MS
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(180)]

TYPED = "老年卡在早高峰能不能免费？"


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody signed in, whose connections end with each call."""

    base: str
    token: str

    async def call(self, method: str, path: str, body: object | None = None) -> Any:
        api = Api(self.base, self.token)
        try:
            return await api.call(method, path, body)
        finally:
            await api.close()

    async def post(self, path: str, body: object | None = None) -> Any:
        return await self.call("POST", path, {} if body is None else body)


async def staff(server: ServerProcess, username: str) -> Staff:
    api = await sign_in(server.base, username)
    await api.close()
    assert api.token is not None
    return Staff(server.base, api.token)


async def open_room(server: ServerProcess, **policy: Any) -> tuple[Staff, str]:
    host = await staff(server, "host")
    room = await host.post(
        "/rooms", {"title": "状态齐全的一场", "departments": ["price"], "open": True, "policy": policy}
    )
    return host, str(room["id"])


async def reader_of(server: ServerProcess, browser: Browser, room: str, *, line: Line | None = None) -> Person:
    reader = await person(browser, server.base, **PHONE)
    if line is not None:
        await line.lay(reader.page)
    await reader.go(f"/rooms/{room}")
    await reader.page.wait_for_selector("#stream [role=log]")
    return reader


async def open_sheet(page: Page) -> None:
    await page.tap(".askbar button.fake")
    await expect(page.locator("#ask-body")).to_be_focused()


async def write(page: Page, text: str = TYPED) -> None:
    await open_sheet(page)
    await page.fill("#ask-body", text)


async def notices(host: Staff, room: str, *bodies: str) -> None:
    for body in bodies:
        await host.post(f"/rooms/{room}/posts", {"cid": f"{room}-{body}", "kind": "notice", "body": body})


async def test_an_empty_room_says_so(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    await reader.sees("还没有公开的提问", within="#stream")


async def test_a_pause_keeps_the_draft_and_says_when_it_can_be_sent(server: ServerProcess, browser: Browser) -> None:
    host, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    await write(reader.page)
    await host.post(f"/rooms/{room}/pause")
    send = reader.page.locator("#ask button[type=submit]")
    await expect(send).to_have_text("访谈暂停，草稿已存，恢复后可提交", timeout=WAIT_MS)
    await expect(send).to_have_attribute("aria-disabled", "true")
    await reader.sees("可以照常浏览和投票", within="#room-state")
    await host.post(f"/rooms/{room}/resume")
    await expect(send).to_have_text("提交，审核后公开", timeout=WAIT_MS)
    await expect(reader.page.locator("#ask-body")).to_have_value(TYPED)


async def test_a_freeze_stops_new_questions_only(server: ServerProcess, browser: Browser) -> None:
    host, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    await write(reader.page)
    await host.call("PATCH", f"/rooms/{room}", {"freeze": True})
    await expect(reader.page.locator("#ask button[type=submit]")).to_contain_text("暂停收新提问", timeout=WAIT_MS)
    await reader.sees("主持方暂时停止收新提问", within="#room-state")


async def test_a_room_that_closes_shows_the_draft_to_its_author(server: ServerProcess, browser: Browser) -> None:
    host, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    await write(reader.page)
    await host.post(f"/rooms/{room}/close")
    await reader.sees("您写的草稿已存在本机", within="#ask")
    await reader.sees(TYPED, within="#ask")
    await reader.sees("本场已结束，文字实录已生成。", within="#room-state")
    await expect(reader.page.locator("#ask-body")).to_have_count(0)


async def test_slow_mode_counts_down(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server, slow_ms=30_000)
    reader = await reader_of(server, browser, room)
    await write(reader.page)
    await reader.page.keyboard.press("Control+Enter")
    send = reader.page.locator("#ask button[type=submit]")
    told = re.compile(r"慢速提问：还要等 (\d+) 秒，草稿已存")
    await expect(send).to_have_text(told, timeout=WAIT_MS)
    first = int(told.search(await send.inner_text())[1])  # type: ignore[index]
    await expect(send).to_have_text(re.compile(f"还要等 {first - 2} 秒"), timeout=WAIT_MS)


async def test_in_slow_mode_a_question_waits_for_its_time_and_goes_by_itself(
    server: ServerProcess, browser: Browser
) -> None:
    _, room = await open_room(server, slow_ms=6_000)
    reader = await reader_of(server, browser, room)
    await write(reader.page)
    await reader.page.keyboard.press("Control+Enter")
    await reader.sees(TYPED, within="#mine")
    send, second = reader.page.locator("#ask button[type=submit]"), "还想问换乘要不要另外付钱"
    await reader.page.fill("#ask-body", second)
    await expect(send).to_contain_text("慢速提问", timeout=WAIT_MS)
    await send.click()
    await expect(send).to_contain_text("秒后自动提交", timeout=WAIT_MS)
    await send.click()
    await expect(send).to_contain_text("慢速提问", timeout=WAIT_MS)
    await send.click()
    # Nobody presses anything from here on.
    await reader.sees(second, within="#mine")
    await expect(reader.page.locator("#ask-body")).to_have_value("")


async def test_muted_with_the_reason_and_until_when(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    await write(reader.page)
    await reader.page.keyboard.press("Control+Enter")
    await reader.sees(TYPED, within="#mine")
    moderator = await staff(server, "moderator1")
    author = (await reader.page.evaluate("fetch('/api/v1/me').then((answer) => answer.json())"))["id"]
    until = int(time.time() * 1000) + 3_600_000
    muted = {"user": author, "room": room, "until": until, "reason": "flooding", "rule": 5}
    await moderator.post("/sanctions", muted)
    await reader.sees("您在本场被禁言至", within="#ask")
    await reader.sees("规则 5：刷屏", within="#ask")


async def test_pending_refused_with_its_rule_and_written_again(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    await write(reader.page)
    await reader.page.tap("#ask button[type=submit]")
    await reader.sees("待审，前面还有 0 条", within="#mine")
    await reader.sees("收到了，正在审核。", within="#ask")
    moderator = await staff(server, "moderator1")
    (pulled,) = (await moderator.post("/queue/pull", {"room": room, "n": 1}))["posts"]
    ruling = {"ver": pulled["ver"], "verdict": "reject", "reason": "3"}
    await moderator.post(f"/posts/{pulled['post']}/decide", ruling)
    await reader.sees("规则 3：含他人个人信息", within="#mine")
    await reader.page.tap("#mine >> text=改一改再提")
    await expect(reader.page.locator("#ask-body")).to_have_value(TYPED)


async def test_a_withdrawn_and_a_redacted_one_keep_their_place(server: ServerProcess, browser: Browser) -> None:
    host, room = await open_room(server, premoderate=False)
    await notices(host, room, "会被隐去的公告")
    reader = await reader_of(server, browser, room)
    await reader.sees("会被隐去的公告", within="#stream")
    events = await host.call("GET", f"/rooms/{room}/events?lane=pub")
    post = next(item["id"] for item in events["items"] if item["k"] == "msg")
    moderator = await staff(server, "moderator1")
    await moderator.post(f"/posts/{post}/redact", {"reason": "3"})
    await reader.sees("号记录已隐去", within="#stream")
    await reader.sees_not("会被隐去的公告", within="#stream")
    await write(reader.page)
    await reader.page.tap("#ask button[type=submit]")
    await reader.page.tap("#mine >> text=撤回")
    await reader.sees("您已撤回", within="#mine")


async def test_no_moderator_on_duty_is_said(server: ServerProcess, browser: Browser) -> None:
    host, room = await open_room(server)
    reader = await reader_of(server, browser, room)
    await open_sheet(reader.page)
    await reader.sees("暂时没有审核员在岗。可以照常提交", within="#ask")
    await host.post(f"/rooms/{room}/pause")
    await reader.sees_not("可以照常提交", within="#ask")


async def test_where_nothing_is_reviewed_first_nobody_is_told_to_wait(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server, premoderate=False)
    reader = await reader_of(server, browser, room)
    await open_sheet(reader.page)
    await expect(reader.page.locator("#ask button[type=submit]")).to_have_text("提交")
    await reader.sees_not("审核员", within="#ask")


async def test_reconnecting_is_said_after_a_while_and_nothing_is_missed(
    server: ServerProcess, browser: Browser
) -> None:
    host, room = await open_room(server)
    line = Line()
    reader = await reader_of(server, browser, room, line=line)
    await write(reader.page)
    await line.cut()
    assert await reader.page.locator("#conn").inner_text() == ""
    await expect(reader.page.locator("#conn")).to_contain_text("网络不稳，正在重连", timeout=WAIT_MS)
    await expect(reader.page.locator("#ask button[type=submit]")).to_contain_text("离线，草稿已存")
    missed = [f"断线时的第 {n} 条" for n in range(12)]
    await notices(host, room, *missed)
    line.mend()
    await expect(reader.page.locator("#conn")).to_contain_text("已恢复，没有漏掉内容。", timeout=BACK_MS)
    await expect(reader.page.locator(".pill")).to_have_text("有 12 条新内容", timeout=WAIT_MS)
    await expect(reader.page.locator("#ask-body")).to_have_value(TYPED)


async def test_sent_away_for_good(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server)
    line = Line()
    reader = await reader_of(server, browser, room, line=line)
    await line.routes[0].close(code=4403)
    await expect(reader.page.locator("#conn")).to_contain_text("已被管理人员停用", timeout=WAIT_MS)
    await open_sheet(reader.page)
    await expect(reader.page.locator("#ask button[type=submit]")).to_have_text("连接已关闭，草稿已存在本机")


async def test_a_node_without_its_store_is_said_and_asked_again(server: ServerProcess, browser: Browser) -> None:
    _, room = await open_room(server)
    refusals = 2

    async def opened(route: WebSocketRoute) -> None:
        upstream = route.connect_to_server()

        def said(message: str | bytes) -> None:
            nonlocal refusals
            frame = json.loads(message)[0]
            if frame["t"] != "join" or refusals == 0:
                return upstream.send(message)
            refusals -= 1
            answer = {"t": "err", "id": frame["id"], "code": "unavailable", "msg": "", "temporary": True}
            return route.send(json.dumps([answer]))

        route.on_message(said)

    reader = await person(browser, server.base, **PHONE)
    await reader.page.route_web_socket("**/ws", opened)
    await reader.go(f"/rooms/{room}")
    await expect(reader.page.locator("#conn")).to_contain_text("暂时核对不到最新记录", timeout=WAIT_MS)
    await reader.page.wait_for_selector("#stream [role=log]")
    await expect(reader.page.locator("#conn")).not_to_contain_text("暂时核对不到", timeout=WAIT_MS)


async def test_a_place_in_the_queue_is_one_figure_wherever_it_stands(server: ServerProcess, browser: Browser) -> None:
    """Twenty-five wait before it: half-way between two tens, where the page and the server could round apart."""
    _, room = await open_room(server, premoderate=True)
    for citizen in range(5):
        others = await guest(server.base)
        for number in range(5):
            asked = {"cid": f"queue-{citizen}-{number}", "kind": "question", "body": f"{citizen}{number}路几点收车？"}
            await others.post(f"/rooms/{room}/posts", asked)
        await others.close()
    reader = await reader_of(server, browser, room)
    await write(reader.page)
    await reader.page.keyboard.press("Control+Enter")
    await expect(reader.page.locator("#ask .notice.ok")).to_contain_text("条", timeout=WAIT_MS)
    told = await reader.page.locator("#ask .notice.ok, #mine .badge").all_inner_texts()
    told.append(await (await reader.context.request.get(f"{server.base}/rooms/{room}")).text())
    assert [re.findall(r"前面.{1,2}有 (\d+) 条", text) for text in told] == [["30"]] * 3
