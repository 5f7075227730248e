"""An answer that somebody has proposed to hide, and the ways to see it."""

from __future__ import annotations

from tests.client import guest, sign_in
from tests.e2e.people import WAIT_MS, Person
from tests.e2e.stage import Stage
from tests.e2e.steps_staff import card

BODY = "起步价三元含六公里，这一条有人提议隐去。"


async def answered(base: str, *, propose: bool = True) -> tuple[str, str]:
    """A room that asks for two, and its one answer, proposed to be hidden by the first moderator."""
    host, netizen, price = await sign_in(base, "host"), await guest(base, "石板街"), await sign_in(base, "price1")
    wanted = {"title": "隐去须两人同意的一场", "departments": ["price"], "open": True}
    room = str((await host.post("/rooms", {**wanted, "policy": {"premoderate": False, "two_person": True}}))["id"])
    asked = await netizen.post(f"/rooms/{room}/posts", {"cid": "q", "kind": "question", "body": "起步价含几公里？"})
    said = {"cid": "a", "kind": "reply", "body": BODY, "reply_to": asked["post"]}
    answer = str((await price.post(f"/rooms/{room}/posts", said))["post"])
    if propose:
        await proposed(base, answer)
    for one in (host, netizen, price):
        await one.close()
    return room, answer


async def proposed(base: str, answer: str) -> None:
    moderator = await sign_in(base, "moderator1")
    await moderator.post(f"/posts/{answer}/redact", {"reason": "2"})
    await moderator.close()


async def standing(base: str) -> str:
    """The room of the proposal that all screens share."""
    moderator = await sign_in(base, "moderator1")
    found = [one["room"] for one in (await moderator.get("/proposals"))["items"] if one["body"] == BODY]
    await moderator.close()
    return str(found[0]) if found else (await answered(base))[0]


async def second_person(somebody: Person, stage: Stage) -> None:
    """The line over the panes, opened by its key."""
    await standing(somebody.base)
    # Whoever is the first to ask makes the room too, and a console hears of new rooms twice a minute.
    await somebody.go("/moderation")
    await card(somebody, stage)
    await somebody.page.locator(".hid-row").wait_for(timeout=WAIT_MS)
    await somebody.page.keyboard.press("d")
    await somebody.page.locator(".hid-l li").first.wait_for(timeout=WAIT_MS)


async def at_the_desk(somebody: Person, _: Stage) -> None:
    """What the department sees beside its answer."""
    await somebody.go(f"/desk/rooms/{await standing(somebody.base)}")
    await somebody.page.locator(".inbox .tabs3 button").last.click()
    await somebody.page.locator(".qrow").first.click()
    await somebody.page.locator(".hid-note").wait_for(timeout=WAIT_MS)
