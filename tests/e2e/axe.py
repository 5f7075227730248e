"""axe-core run inside a page: what it finds serious or critical, in words that say where."""

from __future__ import annotations

import functools
from typing import Any

from playwright.async_api import Page

from tests.services.server import ROOT

_SOURCE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What a change of colours or of sizes alone can break; the rest of a page is the same in every mode.
LOOKS = ("color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable")
_RUN = """async ([tags, rules]) => {
  const runOnly = rules.length ? { type: 'rule', values: rules } : { type: 'tag', values: tags }
  const { violations } = await axe.run(document, { runOnly, resultTypes: ['violations'] })
  return violations
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}: ${node.html.slice(0, 160)}: ${
      (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? one.help}`))
}"""


@functools.cache
def _source() -> str:
    assert _SOURCE.exists(), "axe-core is missing: run `npm ci` in web/"
    return _SOURCE.read_text(encoding="utf-8")


async def violations(page: Page, *, rules: tuple[str, ...] = ()) -> list[str]:
    """Put in by the debugger, so that the page under test keeps its strict content policy."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(_source() + ";0")
    found: Any = await page.evaluate(_RUN, [_TAGS, list(rules)])
    # Under the bar that stays at the foot of a phone something always lies half hidden; it scrolls.
    return [str(one) for one in found if "partially obscured" not in str(one)]


async def wear(page: Page, *, dark: bool = False, large: bool = False) -> None:
    """The same page in another theme or size, by the switches that the server writes."""
    await page.evaluate(
        """([dark, large]) => {
          const root = document.documentElement
          root.toggleAttribute('data-theme', dark)
          if (dark) root.dataset.theme = 'dark'
          root.classList.toggle('dark', dark)
          root.toggleAttribute('data-size', large)
          if (large) root.dataset.size = 'large'
        }""",
        [dark, large],
    )
