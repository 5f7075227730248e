"""Ways to what moderators do with several posts, with parts of one, with a colleague's, and with their shift."""

from __future__ import annotations

from tests.client import guest, sign_in
from tests.e2e.people import Person
from tests.e2e.stage import Stage
from tests.e2e.steps_staff import card, own_card

_SAME = "地铁一号线起步价为什么定在三元？"


_SHOWN_AT_THE_END = """body => {
  const list = document.querySelector('.mod-list')
  const scroller = [list, ...list.querySelectorAll('*')].find((one) => one.scrollHeight > one.clientHeight + 1)
  if (scroller) scroller.scrollTop = scroller.scrollHeight
  return [...document.querySelectorAll('.mrow')].some((row) => row.textContent.includes(body))
}"""


async def group(somebody: Person, stage: Stage) -> None:
    """A card with three that say nearly the same, one of which says more."""
    host = await sign_in(somebody.base, "host")
    room = await host.post("/rooms", {"title": "票价怎么定", "departments": ["price"], "open": True})
    await host.close()
    for n, body in enumerate((_SAME, _SAME + "?", "请问" + _SAME, _SAME + "另外学生票打几折，老人呢？")):
        netizen = await guest(somebody.base, ("石板街", "早班车", "北站", "阿榕")[n])
        asked = {"cid": f"same{n}", "kind": "question", "body": body}
        await netizen.post(f"/rooms/{room['id']}/posts", asked)
        await netizen.close()
    await card(somebody, stage)
    # The newest stand last, and what other tests left waiting may be more than the list shows at once.
    await somebody.page.wait_for_function(_SHOWN_AT_THE_END, arg=_SAME)
    await somebody.page.locator(".mrow", has_text=_SAME).first.click()
    await somebody.page.locator(".grp input").first.wait_for()


async def masking(somebody: Person, stage: Stage) -> None:
    await own_card(somebody, stage)
    await somebody.page.locator("#one [aria-keyshortcuts=M]").click()
    await somebody.page.locator(".masking .btn.primary").wait_for()


async def bulk(somebody: Person, stage: Stage) -> None:
    await card(somebody, stage)
    await somebody.page.locator(".tabs3 button.push").click()
    for n in range(2):
        await somebody.page.locator(".mrow").nth(n).click()
    await somebody.page.locator(".bulk .btn").nth(1).click()
    await somebody.page.locator(".bulk .preview").wait_for()


async def take_over(somebody: Person, stage: Stage) -> None:
    other = await sign_in(somebody.base, "moderator2")
    await other.post("/queue/pull", {"n": 50})
    await other.close()
    await card(somebody, stage)
    await somebody.page.locator(".mrow.held").first.click()
    await somebody.page.locator("#one [aria-keyshortcuts=T]").click()
    await somebody.page.locator("#one .btn.primary").wait_for()


async def hand_over(somebody: Person, stage: Stage) -> None:
    await card(somebody, stage)
    await somebody.page.locator(".shift button").first.wait_for()
    # Whoever came before, on the other device, is on duty already.
    if await somebody.page.locator(".shift .btn.primary").count():
        await somebody.page.locator(".shift .btn.primary").click()
    await somebody.page.locator(".shift .btn.quiet").click()
    await somebody.page.locator(".hand").wait_for()
