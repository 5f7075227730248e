"""Steps to a sanction by device or by address: how many others it touches, seen before it is pressed."""

from __future__ import annotations

from typing import Any, Final

from tests.e2e.people import Person
from tests.e2e.stage import Stage
from tests.e2e.steps_staff import after_key

NEIGHBOURS: Final = "**/api/v1/authors/*/neighbours"


def crowded(_: Any) -> dict[str, int]:
    """A school behind one address."""
    return {"device": 2, "address": 38, "most": 20}


async def at_the_address(somebody: Person, stage: Stage) -> None:
    await after_key("u", "form.mute")(somebody, stage)
    known = somebody.page.locator("#mute-by option[value=address]:not([disabled])")
    await known.wait_for(state="attached")
    await somebody.page.locator("#mute-by").select_option("address")
    await somebody.page.locator("form.mute .mute-sure").wait_for()
