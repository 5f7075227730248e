"""Every screen and state, on a phone and on a desktop, light, large and dark: nothing serious for axe-core.

A screen is loaded once for each device; the second look is put on in place and asked only what it can break. The whole
matrix of devices, looks and languages, each a page of its own, is `make shots`.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.axe import LOOKS, violations, wear
from tests.e2e.people import DESKTOP, PHONE, Person, person
from tests.e2e.screens import SCREENS, Screen, Stage, show, signed_in
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.slow]

# Without motion: a colour on its way to another is not what anybody reads.
DEVICES: dict[str, dict[str, Any]] = {
    "phone": {**PHONE, "reduced_motion": "reduce"},
    "desktop": {**DESKTOP, "reduced_motion": "reduce"},
}


@pytest.mark.parametrize("device", DEVICES)
async def test_no_screen_has_a_serious_violation(
    server: ServerProcess, browser: Browser, stage: Stage, device: str
) -> None:
    found: list[str] = []
    for screen in SCREENS:
        for lang in ("zh-CN", "en") if screen.both_languages and device == "phone" else ("zh-CN",):
            somebody = await person(browser, server.base, lang=lang, **DEVICES[device])
            await signed_in(somebody, screen.who)
            try:
                await show(screen, somebody, stage)
                found += [f"{screen.name} {lang} {one}" for one in await looked_at(screen, somebody, device)]
            except Exception as fault:
                raise AssertionError(f"{screen.name} {lang} on the {device}") from fault
            finally:
                await somebody.context.close()
    assert found == [], "\n".join(found)


async def looked_at(screen: Screen, somebody: Person, device: str) -> list[str]:
    page = somebody.page
    found = ["light " + one for one in await violations(page)]
    if not screen.script:
        # The same markup and styles as with script, whose looks are tried there.
        return found
    await wear(page, dark=device == "desktop", large=device == "phone")
    return found + ["other look " + one for one in await violations(page, rules=LOOKS)]
