"""Hands that have no mouse: everything is reached by Tab and worked by keys."""

from __future__ import annotations

from playwright.async_api import Locator, Page

# A page with more stops than this before the wanted one is not one for people who use a keyboard.
MANY = 80


async def tab_to(wanted: Locator, *, back: bool = False) -> None:
    """Presses Tab until the element has the focus, and sees that the focus shows."""
    page: Page = wanted.page
    await wanted.wait_for()
    for _ in range(MANY):
        if await wanted.evaluate("one => one === document.activeElement"):
            await _shows(wanted)
            return
        await page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"not reached by {MANY} presses of Tab: {wanted}")


async def _shows(wanted: Locator) -> None:
    seen = await wanted.evaluate(
        """one => {
          const style = getComputedStyle(one)
          const line = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
          return one.matches(':focus-visible') && (line || style.boxShadow !== 'none')
        }"""
    )
    assert seen, f"the focus does not show on {wanted}"


async def press(wanted: Locator, key: str = "Enter") -> None:
    await tab_to(wanted)
    await wanted.page.keyboard.press(key)


async def write(wanted: Locator, text: str) -> None:
    await tab_to(wanted)
    await wanted.page.keyboard.type(text)
