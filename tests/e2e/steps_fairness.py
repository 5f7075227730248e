"""Ways to what comes after a decision: an own refusal, an appeal, a post reinstated, a report."""

from __future__ import annotations

from tests.client import guest, sign_in
from tests.e2e.people import Person
from tests.e2e.stage import Stage
from tests.e2e.steps import ask_one, refused


async def own_page(somebody: Person, stage: Stage) -> None:
    """One's own page with one that waits."""
    await ask_one(somebody, stage)
    await somebody.go("/my")


async def own_refused(somebody: Person, stage: Stage) -> None:
    """One's own page with a refusal, the form to appeal opened."""
    await refused(somebody, stage)
    await somebody.go("/my")
    await somebody.page.locator("summary").last.click()


async def own_appealed(somebody: Person, stage: Stage) -> None:
    await own_refused(somebody, stage)
    await somebody.page.locator("textarea[name=text]").fill("问的不是同一件事。")
    await somebody.page.locator("form[action='/my/appeal'] button").click()
    await somebody.page.locator(".notice.wait").wait_for()


async def own_reinstated(somebody: Person, stage: Stage) -> None:
    await own_appealed(somebody, stage)
    moderator = await sign_in(somebody.base, "moderator1")
    for appeal in (await moderator.get("/appeals"))["items"]:
        await moderator.post(f"/appeals/{appeal['appeal']}/decide", {"outcome": "reversed"})
    await moderator.close()
    await somebody.go("/my")
    await somebody.page.locator(".badge.ok").wait_for()


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
    sent = {"cid": "appeal", "kind": "question", "body": "共享自行车停哪里？"}
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
