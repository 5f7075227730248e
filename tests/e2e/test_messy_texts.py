"""Texts as citizens really send them, on the narrowest phone: nothing sticks out, nothing is cut without saying so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.client import guest, sign_in
from tests.e2e.people import PHONE, Person, person
from tests.e2e.screens import signed_in
from tests.e2e.stage import Stage
from tests.e2e.steps import room_alive
from tests.e2e.steps_staff import card, desk_alive, home_alive
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(180)]

NARROW: dict[str, Any] = {**PHONE, "viewport": {"width": 360, "height": 740}, "reduced_motion": "reduce"}
# As long as allowed, and without a place to break a line; written for this test.
LONG = "我们小区的路灯坏了三个月没有人修孩子放学要摸黑走回家物业说归市政市政说归物业" * 51
LATIN = "order" + "0123456789ABCDEF" * 20
MESSY = (
    LONG[:2000],
    f"订单号{LATIN}一直查不到！！！！！！！！！！！！！！！！！！！！！！",
    "一、停车\n\n\n二、电梯\n\t1）三月报修\n\t2）四月报修\n三、" + "——" * 60,
    "https://example.org/" + "very-long-path/" * 24 + "?q=" + "x" * 180,
    "Why does the NIGHTBUS(N1/N2/N3/N4)stop at 23:00:00.000+08:00???" + "?" * 200,
    "单价￥12345678901234567890.00/㎡·月，合计" + "9" * 150 + "元",
)
TITLE = "关于Supercalifragilisticexpialidocious-Interchange站口" + "ABCDEFGHIJ" * 4
NAME = "Wolfeschlegelsteinhausen"
# Whoever cuts a text with an ellipsis says so; whoever scrolls hides nothing. Everything else keeps to its box.
OUT = """() => {
  const wide = document.documentElement.clientWidth
  const scrolls = (one) => ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)
  const rolls = (one) => one !== null && (scrolls(one) || rolls(one.parentElement))
  const found = []
  for (const one of document.querySelectorAll('body *')) {
    if (one.offsetParent === null || one.closest('.sr, svg, select')) continue
    if (![...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue
    const style = getComputedStyle(one)
    const cuts = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY)
    const says = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none'
    const spills = style.display !== 'inline' && one.scrollWidth > one.clientWidth + 1
    const cut = cuts && !says && (spills || one.scrollHeight > one.clientHeight + 2)
    const out = !rolls(one) && (one.getBoundingClientRect().right > wide + 1 || (spills && !cuts))
    if (cut || out) found.push(`${cut ? 'cut' : 'out'}: ${one.outerHTML.slice(0, 160)}`)
  }
  return found
}"""


@dataclass(frozen=True, slots=True)
class Mess:
    base: str
    room: str
    reviewed: str


async def made(base: str) -> Mess:
    """One room where everything is public and answered, and one where it waits for a moderator."""
    host, price = await sign_in(base, "host"), await sign_in(base, "price1")
    rooms = []
    for premoderate in (False, True):
        wanted = {"title": TITLE, "summary": MESSY[3][:300], "departments": ["price", "transport", "metro"]}
        room = await host.post("/rooms", {**wanted, "open": True, "policy": {"premoderate": premoderate}})
        rooms.append(str(room["id"]))
        for number, body in enumerate(MESSY):
            citizen = await guest(base, NAME)
            asked = {"cid": f"mess-{number}", "kind": "question", "body": body}
            receipt = await citizen.post(f"/rooms/{room['id']}/posts", asked)
            post = str(receipt["post"])
            await citizen.close()
            if not premoderate:
                if receipt["state"] == "pending":  # a link, a run of one sign: held in any room
                    await published(base, post)
                answer = {"cid": f"mess-r{number}", "kind": "reply", "reply_to": post, "body": body}
                await price.post(f"/rooms/{room['id']}/posts", answer)
                await host.post(f"/posts/{post}/stage", {"on": True})
    await host.close()
    await price.close()
    return Mess(base, rooms[0], rooms[1])


async def published(base: str, post: str) -> None:
    moderator = await sign_in(base, "moderator1")
    await moderator.post("/queue/pull", {"post": post, "n": 1})
    await moderator.post(f"/posts/{post}/decide", {"ver": 1, "verdict": "publish"})
    await moderator.close()


async def keeps_to_its_box(page: Page) -> list[str]:
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found: list[str] = await page.evaluate(OUT)
    return ([f"wider than the screen by {wider} px"] if wider > 0 else []) + found


async def test_messy_texts_keep_to_their_boxes(server: ServerProcess, browser: Browser, stage: Stage) -> None:
    mess = await made(server.base)
    found: list[str] = []
    for lang in ("zh-CN", "en"):
        for who in ("", "price1", "moderator2"):
            somebody = await person(browser, server.base, lang=lang, **NARROW)
            await signed_in(somebody, who)
            found += [f"{lang} {one}" for one in await walked(somebody, mess, stage, who)]
            await somebody.context.close()
    assert found == [], "\n".join(found)


async def walked(somebody: Person, mess: Mess, stage: Stage, who: str) -> list[str]:
    page = somebody.page
    found: list[str] = []

    async def look(name: str) -> None:
        found.extend(f"{name}: {one}" for one in await keeps_to_its_box(page))

    if who == "":
        await somebody.go("/")
        await look("portal")
        await somebody.go(f"/rooms/{mess.room}/transcript")
        await look("transcript")
        await whole(page, ".doc")
        await somebody.go(f"/rooms/{mess.room}")
        await room_alive(somebody, stage)
        await look("room")
        await whole(page, "#stream")
    elif who == "price1":
        await somebody.go("/desk")
        await home_alive(somebody, stage)
        await look("desk")
        await somebody.go(f"/desk/rooms/{mess.room}")
        await desk_alive(somebody, stage)
        await page.locator(".inbox .tabs3 button").nth(1).click()
        await look("inbox")
        await page.locator(".qrow").first.click()
        await page.locator("#work .qt").wait_for()
        await look("question")
        assert await page.locator("#work .qt").inner_text() in MESSY
    else:
        await somebody.go("/moderation")
        await card(somebody, stage)
        await page.locator(".room-pick select").select_option(mess.reviewed)
        await look("queue")
        await page.locator(".mrow", has_text="市政说归物业").first.click()
        await expect(page.locator("#one .msg")).to_have_text(MESSY[0])
        await look("card")
    return found


async def whole(page: Page, where: str) -> None:
    """Every question and answer stands there to its last sign."""
    told = await page.locator(where).evaluate("(one) => one.textContent")
    for body in MESSY:
        assert told.count(body) >= 2, body[:40]


async def test_what_sticks_out_or_is_cut_is_found(server: ServerProcess, browser: Browser) -> None:
    """The check itself: without the rules that wrap and cut, it says so."""
    somebody = await person(browser, server.base, **NARROW)
    await somebody.go("/nowhere")
    assert await keeps_to_its_box(somebody.page) == []
    await somebody.page.evaluate(
        """(long) => {
          const add = (id, style) => {
            const one = document.querySelector('main').appendChild(document.createElement('p'))
            Object.assign(one, { id, textContent: long })
            one.style.cssText = style
          }
          add('wide', 'white-space: nowrap')
          add('cut', 'overflow: hidden; height: 1em')
          add('elided', 'overflow: hidden; white-space: nowrap; text-overflow: ellipsis')
        }""",
        LATIN,
    )
    found = await keeps_to_its_box(somebody.page)
    assert [one.partition(" class")[0][:14] for one in found[1:]] == ['out: <p id="wi', 'cut: <p id="cu']
