"""What is done on the console to bring it to a screen's state; see `steps.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from tests.client import sign_in
from tests.e2e.people import Person
from tests.e2e.stage import Stage
from tests.e2e.steps import Step

# --- the desk ---------------------------------------------------------------------------------------------------------


async def desk_alive(somebody: Person, _: Stage) -> None:
    """The console has taken the place of the plain page, and has its list."""
    await somebody.page.locator(".console-app .qrow, .console-app .empty p b").first.wait_for(state="attached")


async def home_alive(somebody: Person, _: Stage) -> None:
    parts = (".desk-room", ".empty", ".notice.stop")
    await somebody.page.locator(", ".join(f".console-app {part}" for part in parts)).first.wait_for()


async def open_question(somebody: Person, stage: Stage) -> None:
    await desk_alive(somebody, stage)
    row = somebody.page.locator(".qrow").first
    if await row.is_visible():
        await row.click()


def pane(number: int) -> Step:
    """On a phone the desk shows one of its three panes."""

    async def choose(somebody: Person, stage: Stage) -> None:
        await desk_alive(somebody, stage)
        tab = somebody.page.locator(".ptabs button").nth(number)
        if await tab.is_visible():
            await tab.click()

    return choose


async def invite(somebody: Person, stage: Stage) -> None:
    """Both folds of the backstage pane open, and a code in front."""
    await pane(2)(somebody, stage)
    folds = somebody.page.locator(".back details > summary")
    for fold in await folds.all():
        await fold.click()
    await somebody.page.locator(".back details li button").first.click()
    await somebody.page.locator(".back .inv .code").wait_for()


async def correct(somebody: Person, stage: Stage) -> None:
    await desk_alive(somebody, stage)
    answered = somebody.page.locator(".inbox .tabs3 button").nth(1)
    await answered.click()
    await expect(answered).to_have_attribute("aria-pressed", "true")
    # One that this department has answered in the demo; on a phone only the first rows of the list are there.
    await somebody.page.locator(".inbox input[type=search]").fill("内部已经定了")
    await somebody.page.locator(".qrow").first.click()
    await somebody.page.locator("#work .part > button").first.click()
    await somebody.page.locator("#work .part textarea").wait_for()


async def expired(somebody: Person, stage: Stage) -> None:
    """The session is gone; the next connection finds out."""
    assert somebody.line is not None
    await desk_alive(somebody, stage)
    await somebody.context.clear_cookies(name="wz_session")
    await somebody.line.cut()
    somebody.line.mend()
    await somebody.page.locator(".again").wait_for()


async def creating(somebody: Person, _: Stage) -> None:
    await somebody.page.locator(".console-app #title").wait_for()


async def creating_later(somebody: Person, stage: Stage) -> None:
    """Announced first, every setting in sight."""
    await creating(somebody, stage)
    await somebody.page.locator("form.create .seg button").nth(1).click()
    await somebody.page.locator("form.create summary").click()
    await somebody.page.locator("#starts_at").wait_for()


async def created(somebody: Person, stage: Stage) -> None:
    await creating_later(somebody, stage)
    await somebody.page.locator("#title").fill("明天说说校车")
    await somebody.page.locator("#starts_at").fill(f"{datetime.now(UTC).date() + timedelta(days=2)}T14:00")
    for box in await somebody.page.locator(".pick input").all():
        await box.check()
        if await somebody.page.locator(".pick input:checked").count() == 3:
            break
    await somebody.page.locator("form.create button[type=submit]").click()
    await somebody.page.locator(".inv .code").nth(2).wait_for()


async def key_help(somebody: Person, stage: Stage) -> None:
    await desk_alive(somebody, stage)
    await somebody.page.keyboard.press("?")
    await somebody.page.locator(".keys").wait_for()


# --- moderation -------------------------------------------------------------------------------------------------------


async def card(somebody: Person, _: Stage) -> None:
    await somebody.page.locator(".mod-screen #one .msg").wait_for(state="attached")


async def nothing_left(somebody: Person, _: Stage) -> None:
    await somebody.page.locator(".mod-list > ul, .mod-list > .empty").first.wait_for(state="attached")


async def own_card(somebody: Person, stage: Stage) -> None:
    """Keys do nothing before the lease has come."""
    await card(somebody, stage)
    await somebody.page.locator("#one .lease").wait_for(state="attached")
    row = somebody.page.locator(".mrow[aria-current]")
    if not await somebody.page.locator("#one").is_visible():
        await row.click()
    await somebody.page.locator("#one .lease").wait_for()


async def found_card(somebody: Person, stage: Stage) -> None:
    """One in which something was found, with its mark."""
    await own_card(somebody, stage)
    if not await somebody.page.locator(".mrow").first.is_visible():
        await somebody.page.locator(".backb").click()
    await somebody.page.locator(".mrow:has(mark)").first.click()
    await somebody.page.locator("#one .msg mark").wait_for()


def after_key(key: str, shows: str) -> Step:
    async def press(somebody: Person, stage: Stage) -> None:
        await own_card(somebody, stage)
        await somebody.page.keyboard.press(key)
        await somebody.page.locator(shows).wait_for()

    return press


async def decided(somebody: Person, stage: Stage) -> None:
    """The toast stays as long as it has the focus."""
    await after_key("a", ".mod-screen .toast")(somebody, stage)
    await somebody.page.locator(".mod-screen .toast button").focus()


async def emergency(somebody: Person, stage: Stage) -> None:
    await card(somebody, stage)
    await somebody.page.locator(".emb").click()
    await somebody.page.locator(".guard .hold").wait_for()


async def today(somebody: Person, stage: Stage) -> None:
    await card(somebody, stage)
    await somebody.page.locator(".list .tabs3 button").nth(1).click()
    await somebody.page.locator(".today").wait_for()


async def shown(somebody: Person, stage: Stage) -> None:
    await card(somebody, stage)
    await somebody.page.locator("#shown").wait_for()


async def lost(somebody: Person, stage: Stage) -> None:
    """Given back behind this page's back, and decided by a colleague."""
    await own_card(somebody, stage)
    post = await somebody.page.locator(".mrow[aria-current]").get_attribute("data-post")
    same, colleague = await sign_in(somebody.base, "moderator1"), await sign_in(somebody.base, "moderator2")
    await same.post(f"/posts/{post}/release", {"ver": 1})
    await colleague.post("/queue/pull", {"post": post, "n": 1})
    await colleague.post(f"/posts/{post}/decide", {"ver": 1, "verdict": "publish"})
    await same.close()
    await colleague.close()
    await somebody.page.locator("#one .notice.stop").wait_for()
