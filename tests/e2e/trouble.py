"""What the journeys of trouble share: a room of their own, a page that must never be loaded anew, what it must show."""

from __future__ import annotations

import itertools

from playwright.async_api import Locator, expect

from tests.client import sign_in
from tests.e2e.people import Person

# A server that comes back is found again within a few tries, which stand ever further apart.
BACK_MS = 40_000
PRESS_UNTIL_GONE = """() => {
  const button = document.querySelector('#conn button')
  button?.click()
  return button === null
}"""
_cids = itertools.count(1)


async def open_room(base: str, title: str, *questions: str, premoderate: bool = False) -> str:
    """A live room with one department and these questions in it, asked by the host's own hand."""
    host = await sign_in(base, "host")
    made = await host.post(
        "/rooms", {"title": title, "departments": ["price"], "open": True, "policy": {"premoderate": premoderate}}
    )
    room = str(made["id"])
    await host.close()
    for body in questions:
        await say(base, room, body)
    return room


async def say(base: str, room: str, body: str) -> None:
    """The host's notice: on every screen at once, whatever the room's rules for citizens."""
    host = await sign_in(base, "host")
    await host.post(f"/rooms/{room}/posts", {"cid": f"trouble-{next(_cids)}", "kind": "notice", "body": body})
    await host.close()


async def never_reloaded(somebody: Person) -> None:
    """Leaves a mark that only this very document carries."""
    await somebody.page.evaluate("document.documentElement.dataset.mark = 'same'")


async def is_same_document(somebody: Person) -> None:
    assert await somebody.page.evaluate("document.documentElement.dataset.mark") == "same"


async def caught_up(somebody: Person, *bodies: str) -> None:
    """Everything is there, once each: by itself at the top of the page, else behind the pill."""
    stream = somebody.page.locator("#stream")
    pill = somebody.page.locator(".pill")
    for body in bodies:
        found = stream.get_by_text(body)
        await expect(found.or_(pill).first).to_be_visible(timeout=BACK_MS)
        await press_if_there(pill)
        await expect(found).to_have_count(1, timeout=BACK_MS)


async def press_if_there(button: Locator) -> None:
    """In one turn of the page: what it is for may happen by itself, and the button goes, between a look and a press."""
    await button.evaluate_all("found => found.forEach(one => one.click())")


def ask_field(somebody: Person) -> Locator:
    return somebody.page.locator("#ask-body")


async def reconnect(somebody: Person) -> None:
    """Pressed until the page is back: by itself it may wait half a minute, so as not to come with everybody.

    A single press may meet a try that is under way on the line that was cut, and changes nothing then.
    """
    await somebody.page.wait_for_function(PRESS_UNTIL_GONE, polling=100, timeout=BACK_MS)


async def told(somebody: Person, text: str) -> None:
    """In the line that says how the connection is."""
    await expect(somebody.page.locator("#conn")).to_contain_text(text, timeout=BACK_MS)
