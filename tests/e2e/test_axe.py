"""Every screen and state, wide and narrow, in its looks: nothing serious for axe, nothing that needs a mouse.

A screen is loaded once, looked at as it stands, walked through by keyboard, and then looked at as on a phone at
night; what has another shape on a phone is loaded there too, and made large. Another look is asked only what it can
break. The whole matrix of devices, looks and languages, each a page of its own, is `make shots`.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.axe import LOOKS, violations, wear
from tests.e2e.people import DESKTOP, PHONE, Person, person
from tests.e2e.reach import WATCH, unreachable
from tests.e2e.screens import SCREENS, Screen, show, signed_in
from tests.e2e.stage import Stage
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.slow]

# Without motion: a colour on its way to another is not what anybody reads.
DEVICES: dict[str, dict[str, Any]] = {
    "phone": {**PHONE, "reduced_motion": "reduce"},
    "desktop": {**DESKTOP, "reduced_motion": "reduce"},
}
PARTS = {
    "room": ("room",),
    "public": ("portal", "transcript", "sign", "4", "my", "report", "ledger"),
    "desk": ("desk", "create", "policy", "watch", "audit"),
    "moderation": ("mod",),
    "words": ("words",),
}


@pytest.mark.parametrize("part", PARTS)
async def test_no_screen_has_a_serious_violation_or_needs_a_mouse(
    server: ServerProcess, browser: Browser, stage: Stage, part: str
) -> None:
    found: list[str] = []
    screens = [screen for screen in SCREENS if screen.name.startswith(PARTS[part]) and not screen.picture]
    for screen, device, lang in pages(screens):
        somebody = await person(browser, server.base, lang=lang, **DEVICES[device])
        try:
            await somebody.page.add_init_script(WATCH)
            await signed_in(somebody, screen.who)
            await show(screen, somebody, stage)
            found += [f"{screen.name} {lang} {one}" for one in await looked_at(screen, somebody, device)]
        except Exception as fault:
            raise AssertionError(f"{screen.name} {lang} on the {device}") from fault
        finally:
            await somebody.context.close()
    assert found == [], "\n".join(found)


async def test_what_only_a_mouse_can_do_is_found(server: ServerProcess, browser: Browser) -> None:
    """The check itself: a button out of the order of Tab, one that swallows its keys, a box that hears clicks."""
    somebody = await person(browser, server.base)
    await somebody.page.add_init_script(WATCH)
    await somebody.go("/nowhere")
    assert await unreachable(somebody.page) == []
    await somebody.page.evaluate(
        """() => {
          const add = (html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)
          add('<button id=away tabindex=-1>away</button><button id=dumb>dumb</button><div id=box>box</div>')
          dumb.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault())
          box.addEventListener('click', () => {})
        }"""
    )
    found = await unreachable(somebody.page)
    assert [(one.partition(":")[0], one.partition("id=")[2][1:5]) for one in found] == [
        ("not reached", "away"),
        ("answers no key", "dumb"),
        ("for the mouse alone", 'box"'),
    ]


def test_every_screen_is_looked_at() -> None:
    names = [screen.name for screen in SCREENS]
    assert len(set(names)) == len(names)
    for name in names:
        assert sum(name.startswith(prefixes) for prefixes in PARTS.values()) == 1, name


def pages(screens: list[Screen]) -> list[tuple[Screen, str, str]]:
    """What is loaded: each screen once, once more on a phone where it has another shape, and in English there."""
    loaded = []
    for screen in screens:
        loaded.append((screen, "desktop", "zh-CN"))
        if screen.own_on_phone:
            loaded.append((screen, "phone", "zh-CN"))
        if screen.both_languages:
            loaded.append((screen, "phone", "en"))
    return loaded


async def looked_at(screen: Screen, somebody: Person, device: str) -> list[str]:
    page = somebody.page
    found = [f"{device} light " + one for one in await violations(page)]
    if not screen.script:
        # The same markup and styles as with script, whose looks are tried there.
        return found
    if device == "desktop":
        found += ["by keyboard " + one for one in await unreachable(page)]
    if device == "desktop":
        await page.set_viewport_size(PHONE["viewport"])
        await wear(page, dark=True)
        return found + ["narrow dark " + one for one in await violations(page, rules=LOOKS)]
    await wear(page, large=True)
    return found + ["phone large " + one for one in await violations(page, rules=LOOKS)]
