"""Ways to what comes after a decision: an own refusal, an appeal, a post reinstated, a report."""

from __future__ import annotations

from tests.client import guest, sign_in
from tests.e2e.people import Person
from tests.e2e.stage import Stage
from tests.e2e.steps import ask_one, refused, room_alive
from tests.e2e.steps_staff import own_card as ready_to_decide

OWN_APPEAL = "问的不是同一件事。"
_APPEALED = "共享自行车停哪里？"


async def own_page(somebody: Person, stage: Stage) -> None:
    """One's own page with one that waits."""
    await ask_one(somebody, stage)
    await somebody.go("/my")


async def own_code(somebody: Person, stage: Stage) -> None:
    """The code to look one's own posts up with, the moment it is given."""
    await own_page(somebody, stage)
    await somebody.page.click("#code button")


async def own_refused(somebody: Person, stage: Stage) -> None:
    """One's own page with a refusal, the form to appeal opened."""
    await refused(somebody, stage)
    await somebody.go("/my")
    await somebody.page.locator("summary").last.click()


async def own_appealed(somebody: Person, stage: Stage) -> None:
    await own_refused(somebody, stage)
    await somebody.page.locator("textarea[name=text]").fill(OWN_APPEAL)
    await somebody.page.locator("form[action='/my/appeal'] button").click()
    await somebody.page.locator(".notice.wait").wait_for()


async def own_reinstated(somebody: Person, stage: Stage) -> None:
    await own_appealed(somebody, stage)
    moderator = await sign_in(somebody.base, "moderator1")
    appeals = (await moderator.get("/appeals?state=open&limit=200"))["items"]
    for appeal in (one for one in appeals if one["text"] == OWN_APPEAL):
        await moderator.post(f"/appeals/{appeal['appeal']}/decide", {"outcome": "reversed"})
    await moderator.close()
    await somebody.go("/my")
    await somebody.page.locator(".badge.ok").wait_for()


async def room_reinstated(somebody: Person, stage: Stage) -> None:
    """The same in the room it was asked in."""
    await own_reinstated(somebody, stage)
    await somebody.go(f"/rooms/{stage.waiting}")
    await room_alive(somebody, stage)
    mine = somebody.page.locator(".askbar button.btn")
    if await mine.is_visible():
        await mine.click()
    await somebody.page.locator("#mine").scroll_into_view_if_needed()


async def report_form(somebody: Person, _: Stage) -> None:
    """From the quiet link beside a post to the form."""
    await somebody.page.locator("a.report").first.click()
    await somebody.page.locator("input[name=reason]").first.check()


async def cases_open(somebody: Person, stage: Stage) -> None:
    """A report and an appeal by two guests; then what moderators see of them."""
    reporter, author = [await guest(somebody.base, name) for name in ("路人甲", "申诉人")]
    shown = (await reporter.get(f"/rooms/{stage.open}/questions"))["items"]
    post = next(one["id"] for one in shown if not one.get("redacted"))
    await reporter.post(f"/posts/{post}/report", {"reason": "3", "note": "里面有一个电话号码。"})
    sent = {"cid": "appeal", "kind": "question", "body": _APPEALED}
    asked = await author.post(f"/rooms/{stage.waiting}/posts", sent)
    moderator = await sign_in(somebody.base, "moderator2")
    if asked["state"] == "pending":
        await moderator.post("/queue/pull", {"post": asked["post"], "n": 1})
        ruling = {"ver": asked["ver"], "verdict": "reject", "reason": "6", "note": "与问 18 相同。"}
        await moderator.post(f"/posts/{asked['post']}/decide", ruling)
        await author.post(f"/posts/{asked['post']}/appeal", {"text": "问的是地铁站口，不是小区门口。"})
    for one in (reporter, author, moderator):
        await one.close()
    await somebody.go("/moderation/cases")


async def appeal_card(somebody: Person, stage: Stage) -> None:
    await cases_open(somebody, stage)
    await somebody.page.locator(".cases .mrow", has_text=_APPEALED).last.click()
    await somebody.page.locator("#one .acts5").wait_for()


async def appeal_sure(somebody: Person, stage: Stage) -> None:
    """Asked once; it is done when it is asked again."""
    await appeal_card(somebody, stage)
    await somebody.page.keyboard.press("a")
    await somebody.page.locator("#one .sure").wait_for()


async def report_card(somebody: Person, stage: Stage) -> None:
    await cases_open(somebody, stage)
    await somebody.page.locator(".cases .tabs3 button").last.click()
    await somebody.page.locator(".cases .mrow").last.click()
    await somebody.page.locator("#one .why-l").wait_for()


async def report_rules(somebody: Person, stage: Stage) -> None:
    await report_card(somebody, stage)
    await somebody.page.keyboard.press("r")
    await somebody.page.locator("#one .reasons").wait_for()


async def no_cases(somebody: Person, _: Stage) -> None:
    await somebody.page.locator(".cases .empty").first.wait_for()


async def taken_back(somebody: Person, stage: Stage) -> None:
    """Published by one key and hidden again by the next, seen in the list of the day."""
    await ready_to_decide(somebody, stage)
    await somebody.page.keyboard.press("a")
    await somebody.page.locator(".mod-screen .toast button").wait_for()
    await somebody.page.keyboard.press("z")
    await somebody.page.locator(".mod-screen .toast button").wait_for(state="detached")
    await _the_day(somebody)
    await somebody.page.locator(".today .btn").first.wait_for()


async def reversed_later(somebody: Person, stage: Stage) -> None:
    """Refused, and published again from the list of the day: both stand on record."""
    await ready_to_decide(somebody, stage)
    for key in ("r", "6"):
        await somebody.page.keyboard.press(key)
    await somebody.page.locator(".mod-screen .toast button").wait_for()
    await _the_day(somebody)
    await somebody.page.locator(".today li").first.locator(".btn").last.click()
    await somebody.page.locator(".today li:first-child:not(:has(.btn))").wait_for()


async def _the_day(somebody: Person) -> None:
    if await somebody.page.locator("#one .backb").is_visible():
        await somebody.page.locator("#one .backb").click()
    await somebody.page.locator(".list .tabs3 button").nth(1).click()
    await somebody.page.locator(".today li").first.wait_for()


async def taken_over(somebody: Person, stage: Stage) -> None:
    """What was in front is a colleague's now, what was typed is still there; told at once in rooms one follows."""
    await ready_to_decide(somebody, stage)
    if await somebody.page.locator("#one .backb").is_visible():
        await somebody.page.locator("#one .backb").click()
    await somebody.page.locator(".mrow:not(.held)", has_text="中学门口").first.click()
    await somebody.page.locator("#one .lease").wait_for()
    await somebody.page.keyboard.press("n")
    await somebody.page.locator("#mod-note").fill("请把楼号去掉再发一次。")
    post = await somebody.page.locator(".mrow[aria-current]").get_attribute("data-post")
    colleague = await sign_in(somebody.base, "moderator2")
    await colleague.post("/queue/pull", {"post": post, "n": 1, "take_over": True})
    await colleague.close()
    await somebody.page.locator("#one .notice.stop").wait_for()
