"""200 % zoom, forced colours and reduced motion: nothing cut, nothing lost, nothing that moves."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.people import DESKTOP, Person, person
from tests.e2e.screens import SCREENS, Screen, Stage, show, signed_in
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.slow]

# A window of 1440 × 900 at 200 %, as browsers lay it out.
ZOOMED: dict[str, Any] = {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2}
TRIED = (
    "portal",
    "room-live",
    "transcript",
    "signin",
    "desk",
    "create-room",
    "desk-room-department",
    "moderation-card",
)
# Text that its own box hides, where the box was not made to scroll; a clipped line that says so is no accident.
CUT = """() => [...document.querySelectorAll('button, a, h1, h2, label, .badge, p')]
  .filter((one) => one.offsetParent !== null && one.innerText.trim())
  .filter((one) => ['hidden', 'clip'].includes(getComputedStyle(one).overflowX))
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).textOverflow !== 'ellipsis')
  .filter((one) => !one.matches('.sr, .sr *'))
  .map((one) => one.outerHTML.slice(0, 120))"""
# Backgrounds are gone there: what is chosen must differ from what is not by more than one, and a field has an edge.
ALIKE = """() => {
  const look = (one) => {
    const style = getComputedStyle(one)
    const edges = ['Top', 'Bottom', 'Left'].map((side) => style[`border${side}Width`] + style[`border${side}Color`])
    return [style.color, style.backgroundColor, style.textDecorationLine, style.outlineStyle, ...edges].join()
  }
  const seen = (one) => one.offsetParent !== null
  const chosen = [...document.querySelectorAll('[aria-pressed="true"], [aria-selected="true"]')].filter(seen)
  const lost = chosen.filter((one) => [...one.parentElement.children].some((other) =>
    other !== one && other.className === one.className && seen(other)
    && (other.ariaPressed ?? other.ariaSelected) === 'false' && look(other) === look(one)))
  const fields = [...document.querySelectorAll('input:not([type=hidden]), textarea, select')].filter(seen)
  const edge = (one) => one && parseFloat(getComputedStyle(one).borderTopWidth) > 0
  const boxed = (one) => edge(one) || edge(one.closest('.draft, .el-input__wrapper'))
  const edgeless = fields.filter((one) => !['checkbox', 'radio'].includes(one.type) && !boxed(one))
  return [...lost, ...edgeless].map((one) => one.outerHTML.slice(0, 120))
}"""
MOVING = """() => document.getAnimations()
  .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 1)
  .map((one) => (one.effect.target?.outerHTML ?? '').slice(0, 120))"""


async def looked_at(server: ServerProcess, browser: Browser, stage: Stage, script: str, **device: Any) -> list[str]:
    found = []
    for screen in (one for one in SCREENS if one.name in TRIED):
        somebody = await shown(server, browser, stage, screen, device)
        found += [f"{screen.name}: {one}" for one in await somebody.page.evaluate(script)]
        if (wider := await somebody.overflow()) > 0:
            found.append(f"{screen.name}: wider than its window by {wider} px")
        await somebody.context.close()
    return found


async def shown(
    server: ServerProcess, browser: Browser, stage: Stage, screen: Screen, device: dict[str, Any]
) -> Person:
    somebody = await person(browser, server.base, **{**DESKTOP, **device})
    await signed_in(somebody, screen.who)
    await show(screen, somebody, stage)
    return somebody


async def test_nothing_is_cut_at_200_percent(server: ServerProcess, browser: Browser, stage: Stage) -> None:
    assert await looked_at(server, browser, stage, CUT, **ZOOMED) == []


async def test_forced_colours_are_respected(server: ServerProcess, browser: Browser, stage: Stage) -> None:
    assert await looked_at(server, browser, stage, ALIKE, forced_colors="active") == []


async def test_nothing_moves_for_who_asked_for_no_motion(server: ServerProcess, browser: Browser, stage: Stage) -> None:
    assert await looked_at(server, browser, stage, MOVING, reduced_motion="reduce") == []
