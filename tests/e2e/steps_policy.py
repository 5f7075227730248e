"""The way to the rules of a room, and to the question that is asked before they are loosened."""

from __future__ import annotations

from tests.e2e.people import WAIT_MS, Person
from tests.e2e.stage import Stage
from tests.e2e.steps_staff import card


async def rules_shown(somebody: Person, stage: Stage) -> None:
    await somebody.page.wait_for_selector(".pol-l", timeout=WAIT_MS)


async def rules_asked(somebody: Person, stage: Stage) -> None:
    """Before posts go out unread: how many, by what was just written."""
    await rules_shown(somebody, stage)
    await somebody.page.locator("[data-rule=first] button").last.click()
    await somebody.page.wait_for_selector(".pol-ask-l", timeout=WAIT_MS)


async def rules_over_the_card(somebody: Person, stage: Stage) -> None:
    await card(somebody, stage)
    await somebody.page.keyboard.press("p")
    await rules_shown(somebody, stage)
