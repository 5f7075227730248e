"""One moderator at real keys over a queue with known right verdicts, a second one watching: `make soak ARGS=keys`.

POSTS changes the size; PACE is how many cards a minute are looked at, as fast as they come without it. Says how many
decisions were right, how many a minute, and how late the second page saw them.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import uvloop
from playwright.async_api import Page

from tests.client import Api, guest, sign_in
from tests.e2e.people import chromium, person
from tests.services.server import ServerProcess

POSTS = int(os.environ.get("POSTS", "80"))
PACE = float(os.environ.get("PACE", "0"))
WAIT_MS: Final = 15_000
PHONE: Final = "13800138000"

# What a moderator sees, and what is right: nothing in the text but its own words says which.
ASKED: Final = (
    ("publish", "第{n}问：首班车几点开，末班车几点收？"),
    ("publish", "第{n}问：起步价怎么算出来的，测算表在哪里看？"),
    ("reject", "第{n}条：加群领优惠券，低价代办乘车卡，先到先得"),
    ("mask", "第{n}问：我的电话 " + PHONE + "，票价听证什么时候开？"),
)
KEYS: Final = {"publish": ("a",), "reject": ("r", "4"), "mask": ("m", "m")}

_WATCH = """() => {
  window.seen = {}
  const now = () => performance.timeOrigin + performance.now()
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.removedNodes) {
      const row = node.querySelector?.('[data-post]') ?? node
      const post = row.dataset?.post
      if (post && !document.querySelector(`[data-post="${post}"]`)) window.seen[post] ??= now()
    }
  }).observe(document.querySelector('.mod-list'), { childList: true, subtree: true })
}"""
_PRESSES = """() => {
  window.pressed = 0
  document.addEventListener('keydown', () => { window.pressed = performance.timeOrigin + performance.now() }, true)
}"""
_CARD = """() => {
  const row = document.querySelector('.mrow[aria-current] .minemark')?.closest('.mrow')
  return row ? { post: row.dataset.post, text: document.querySelector('#one .msg')?.innerText ?? '' } : null
}"""


@dataclass
class Pace:
    """`decided` by post: what was decided, and when the last key was pressed, in milliseconds."""

    decided: dict[str, tuple[str, float]] = field(default_factory=dict)
    seconds: float = 0.0


def right(text: str) -> str:
    """What somebody who reads the text decides."""
    if "代办" in text or "领优惠" in text:
        return "reject"
    return "mask" if PHONE in text else "publish"


async def fill(base: str, room: str, posts: int) -> dict[str, str]:
    """Asks so many questions, each by a guest of its own; by post what is right."""
    wanted: dict[str, str] = {}
    for n in range(posts):
        verdict, body = ASKED[n % len(ASKED)]
        netizen = await guest(base, f"网民{n}")
        asked = {"cid": f"k{n}", "kind": "question", "body": body.format(n=n)}
        wanted[(await netizen.post(f"/rooms/{room}/posts", asked))["post"]] = verdict
        await netizen.close()
    return wanted


async def decide_by_keys(page: Page, wanted: Collection[str]) -> Pace:
    """Reads each card and presses its keys, as fast as the next one is there, until all of these are decided.

    What else waits, in a demo's own room, is decided in its turn.
    """
    await page.evaluate(_PRESSES)
    pace, began, last = Pace(), time.perf_counter(), ""
    while not pace.decided.keys() >= set(wanted):
        card = await _next(page, last)
        verdict = right(card["text"])
        if PACE:
            await asyncio.sleep(max(0.0, began + len(pace.decided) * 60 / PACE - time.perf_counter()))
        for key in KEYS[verdict]:
            await page.keyboard.press(key)
        last = card["post"]
        pace.decided[last] = (verdict, await page.evaluate("window.pressed"))
    pace.seconds = time.perf_counter() - began
    return pace


async def _next(page: Page, last: str) -> dict[str, Any]:
    until = time.perf_counter() + WAIT_MS / 1_000
    while time.perf_counter() < until:
        card: dict[str, Any] | None = await page.evaluate(_CARD)
        if card is not None and card["post"] != last and card["text"]:
            return card
        await asyncio.sleep(0.005)
    told = await page.locator("#one").inner_text()
    raise TimeoutError(f"no next card after {last}; the pane says: {told}")


async def rows_of(page: Page, posts: Collection[str]) -> None:
    """Until the list has them all: only what stands there can be seen to leave."""
    there = """posts => document.querySelector('.mod-panes .mod-list') !== null
      && posts.every((post) => document.querySelector(`.mod-list [data-post="${post}"]`))"""
    await page.wait_for_function(there, arg=list(posts), timeout=WAIT_MS)


async def watch(page: Page) -> None:
    """From now on this page notes when a row leaves its list."""
    await page.evaluate(_WATCH)


async def lateness(page: Page, pace: Pace) -> list[float]:
    """How long after the key each decision left the list of the other page, in milliseconds; sorted."""
    expected = list(pace.decided)
    await page.wait_for_function("posts => posts.every((post) => window.seen[post])", arg=expected, timeout=WAIT_MS)
    seen: dict[str, float] = await page.evaluate("window.seen")
    return sorted(seen[post] - pressed for post, (_, pressed) in pace.decided.items())


async def outcomes(base: str, room: str) -> dict[str, str]:
    """By post what became of it, as the server has it."""
    found: dict[str, str] = {}
    moderator = await sign_in(base, "moderator1")
    cursor = ""
    while True:
        page = await moderator.get(f"/rooms/{room}/queue?state=decided&limit=200{cursor}")
        for one in page["items"]:
            reason = one["ruled"]["reason"]
            found[one["post"]] = "mask" if reason == "masked" else one["ruled"]["verdict"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    await moderator.close()
    return found


async def measure(base: str) -> int:
    host: Api = await sign_in(base, "host")
    made = await host.post("/rooms", {"title": "键盘试验", "departments": ["price"], "open": True})
    async with chromium() as browser:
        one, two = await person(browser, base), await person(browser, base)
        await one.sign_in("moderator1")
        # The second looks on without taking anything: it is somebody else's screen that is measured.
        wanted = await fill(base, made["id"], POSTS)
        await one.go("/moderation")
        await one.page.wait_for_selector(".minemark")
        await two.page.add_init_script("Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })")
        await two.sign_in("moderator2")
        await two.go("/moderation")
        await two.page.wait_for_selector(".mrow")
        await watch(two.page)
        pace = await decide_by_keys(one.page, wanted)
        late = await lateness(two.page, pace)
    found = await outcomes(base, made["id"])
    wrong = [post for post, verdict in wanted.items() if found.get(post) != verdict]
    for post in wrong:
        print(post, "wanted", wanted[post], "pressed", pace.decided.get(post), "is", found.get(post), flush=True)
    await host.close()
    print(
        f"{len(pace.decided)} decisions by keys in {pace.seconds:.1f} s: {60 * len(pace.decided) / pace.seconds:.0f} a"
        f" minute, {len(wrong)} wrong; seen by the second moderator after {late[len(late) // 2]:.0f} ms (half),"
        f" {late[int(len(late) * 0.95)]:.0f} ms (95 %), {late[-1]:.0f} ms (all)"
    )
    return 1 if wrong else 0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder), "--demo").start()
        try:
            return uvloop.run(measure(server.base))
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
