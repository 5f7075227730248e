"""200 % zoom, forced colours and reduced motion: nothing cut, nothing lost, nothing that moves."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.e2e.people import DESKTOP, person
from tests.e2e.screens import SCREENS, Screen, show, signed_in
from tests.e2e.stage import Stage
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.slow]

# A window of 1440 × 900 at 200 %, as browsers lay it out.
ZOOMED: ViewportSize = {"width": 720, "height": 450}
TRIED = (
    "portal",
    "room-live",
    "transcript",
    "signin",
    "desk",
    "create-room",
    "desk-room-department",
    "moderation-card",
    "moderation-emergency",
    "desk-room-invite",
    "room-mine",
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
# The console scrolls within itself: a page longer than the window would scroll away with everything on it.
TALLER = "document.querySelector('.console-app') ? document.documentElement.scrollHeight - innerHeight : 0"
MOVING = """() => document.getAnimations()
  .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 1)
  .map((one) => (one.effect.target?.outerHTML ?? '').slice(0, 120))"""


@pytest.mark.parametrize("screen", [one for one in SCREENS if one.name in TRIED], ids=lambda one: one.name)
async def test_nothing_is_cut_lost_or_moving(
    server: ServerProcess, browser: Browser, stage: Stage, screen: Screen
) -> None:
    """One page, for somebody without motion; then in forced colours, then in a window at 200 %."""
    somebody = await person(browser, server.base, **{**DESKTOP, "device_scale_factor": 2, "reduced_motion": "reduce"})
    await signed_in(somebody, screen.who)
    await show(screen, somebody, stage)
    page = somebody.page
    assert await page.evaluate(MOVING) == []
    assert await page.evaluate(TALLER) <= 0
    if screen.name == "moderation-emergency":
        await expect(page.locator(".guard .hold")).to_be_in_viewport(ratio=1)
    await page.emulate_media(forced_colors="active", reduced_motion="reduce")
    assert await page.evaluate(ALIKE) == []
    assert await somebody.overflow() <= 0
    await page.emulate_media(forced_colors="none", reduced_motion="reduce")
    await page.set_viewport_size(ZOOMED)
    assert await page.evaluate(CUT) == []
    assert await somebody.overflow() <= 0
    await somebody.context.close()
