"""Ways to what comes after a decision: an own refusal, an appeal, a post reinstated, a report."""

from __future__ import annotations

from tests.client import sign_in
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
