"""What of a screen a keyboard cannot reach or set off: every stop of Tab is walked, every control must answer a key."""

from __future__ import annotations

from playwright.async_api import Page

# More stops than any screen has; beyond it Tab is caught in a loop.
MOST_STOPS = 400

# Whatever listens for the mouse is remembered as it begins to; a control of the browser's own answers keys by itself.
WATCH = """
window.mouseOnly = new Set()
const listen = EventTarget.prototype.addEventListener
EventTarget.prototype.addEventListener = function (kind, ...rest) {
  const mouse = ['click', 'mousedown', 'pointerdown', 'dblclick'].includes(kind)
  if (mouse && this instanceof Element) window.mouseOnly.add(this)
  return listen.call(this, kind, ...rest)
}
"""

_BEGIN = """() => {
  const NATIVE = 'a[href], button, input:not([type=hidden]), select, textarea, summary'
  const modal = [...document.querySelectorAll('[aria-modal="true"]')].find((one) => one.checkVisibility())
  const whole = modal ?? document.body
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && !one.closest('[inert]')
  const controls = [...whole.querySelectorAll(NATIVE)].filter(seen)
  // A click that a key makes counts and does nothing: the screen stays as it is.
  const clicked = (event) => {
    if (event.detail !== 0) return
    window.reach.clicked = event.target.closest(NATIVE)
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  document.addEventListener('click', clicked, true)
  const stop = () => document.removeEventListener('click', clicked, true)
  // Whether the key pressed at the stop before was answered is seen at the next one: one question less for each.
  const settle = () => {
    const { pressed, clicked, silent } = window.reach
    if (pressed !== null && clicked !== pressed) silent.push(pressed.outerHTML.slice(0, 160))
    window.reach.pressed = null
  }
  window.reach = { controls, clicked: null, pressed: null, reached: new Set(), silent: [], stop, settle }
  // A dialog's backdrop does what Escape does; a switch's box and the record hear clicks on what is inside.
  const backdrop = '.el-overlay, .el-overlay-dialog, .el-dialog, .el-switch, main.doc'
  const mouse = [...(window.mouseOnly ?? [])].filter((one) => whole.contains(one) && seen(one))
  window.reach.mouse = mouse.filter((one) => !one.closest(NATIVE + ', label') && !one.matches(backdrop))
  document.activeElement?.blur()
  getSelection().setPosition(document.body, 0)
}"""

# What has the focus, once: which key should set it off, "" where typing is what it is for, null after the last.
_STOP = """() => {
  window.reach.settle()
  const now = document.activeElement
  if (now === document.body || now === null) return ''
  // A field for a date is several stops. At the first one again everything has been passed.
  window.reach.first ??= now
  if (window.reach.reached.has(now)) return now === window.reach.first ? null : ''
  window.reach.reached.add(now)
  window.reach.clicked = null
  const box = now.matches('input[type=checkbox], [role=switch]')
  // A button to be held is no button to be pressed: it has a journey of its own.
  const key = box ? 'Space' : now.matches('a[href], button:not(.hold), summary') ? 'Enter' : ''
  window.reach.pressed = key ? now : null
  return key
}"""

# One of a list is a stop, the others are a few arrows away; of radio buttons the browser sees to that itself.
_ROVING = """() => {
  const { controls, reached } = window.reach
  const others = (one) => controls.filter((other) => other.name === one.name && reached.has(other))
  const radios = (one) => one.type === 'radio' && others(one).length > 0
  const missed = controls.filter((one) => !reached.has(one) && !radios(one))
  const listOf = (one) => one.closest('[role=list]')
  const inLists = [...new Set(missed.map(listOf).filter(Boolean))]
  window.reach.lists = inLists.map((list) => [...reached].find((one) => listOf(one) === list)).filter(Boolean)
  window.reach.missed = missed
  return window.reach.lists.length
}"""
_MOVES = """(at) => {
  const from = window.reach.lists[at]
  const now = document.activeElement
  const list = from.closest('[role=list]')
  const moved = now !== from && now.closest('[role=list]') === list && now.matches('button')
  const isNear = (one) => one.closest('[role=list]') === list && (one === now || one.matches('[tabindex="-1"]'))
  if (moved) window.reach.missed = window.reach.missed.filter((one) => !isNear(one))
  return moved
}"""
_END = """() => {
  window.reach.settle()
  const { missed, silent, mouse } = window.reach
  window.reach.stop()
  const said = (what, ones) => ones.map((one) => `${what}: ${one.outerHTML.slice(0, 160)}`)
  const dumb = silent.map((one) => `answers no key: ${one}`)
  return [...said('not reached', missed), ...dumb, ...said('for the mouse alone', mouse)]
}"""


async def unreachable(page: Page) -> list[str]:
    """Each thing on the screen that somebody without a mouse cannot get to or set off."""
    await page.evaluate(_BEGIN)
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        key = await page.evaluate(_STOP)
        if key is None:
            break
        if key:
            await page.keyboard.press(key)
    lists = int(await page.evaluate(_ROVING))
    for at in range(lists):
        for arrow in ("ArrowDown", "ArrowUp"):
            await page.evaluate("(at) => window.reach.lists[at].focus()", at)
            await page.keyboard.press(arrow)
            if await page.evaluate(_MOVES, at):
                break
    found: list[str] = await page.evaluate(_END)
    return found
