"""How a browser is brought to a screen's state: what is laid under a page before it is loaded, what is done after."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Error, Route, WebSocketRoute, expect

from tests.client import Api, sign_in
from tests.e2e.people import WAIT_MS, Line, Person
from tests.e2e.stage import Stage

Step = Callable[[Person, Stage], Awaitable[None]]


def then(*steps: Step) -> Step:
    async def all_of_them(somebody: Person, stage: Stage) -> None:
        for step in steps:
            await step(somebody, stage)

    return all_of_them


# --- under the page ---------------------------------------------------------------------------------------------------


def hears(change: Callable[[str], str]) -> Step:
    """What the server says on the socket reaches the page changed."""

    async def lay(somebody: Person, _: Stage) -> None:
        def opened(route: WebSocketRoute) -> None:
            server = route.connect_to_server()
            server.on_message(lambda told: route.send(change(str(told))))

        await somebody.page.route_web_socket("**/ws", opened)

    return lay


def reads(glob: str, change: Callable[[Any], Any]) -> Step:
    """What the API answers there reaches the page changed."""

    async def lay(somebody: Person, _: Stage) -> None:
        async def answer(route: Route) -> None:
            # A page may be gone before its last question was answered.
            with contextlib.suppress(Error):
                reply = await route.fetch()
                await route.fulfill(json=change(await reply.json()))

        await somebody.page.route(glob, answer)

    return lay


def fails(glob: str) -> Step:
    """The API answers there that the store is away."""

    async def lay(somebody: Person, _: Stage) -> None:
        problem = {"code": "unavailable", "status": 503, "title": "", "temporary": True}
        await somebody.page.route(glob, lambda route: route.fulfill(status=503, json=problem))

    return lay


async def wired(somebody: Person, _: Stage) -> None:
    """By a line that can be cut later."""
    somebody.line = Line()
    await somebody.line.lay(somebody.page)


async def cut(somebody: Person, _: Stage) -> None:
    await Line(cut_off=True).lay(somebody.page)


async def refused_by_the_store(somebody: Person, _: Stage) -> None:
    """A node that cannot reach its store lets nobody in."""

    def opened(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def said(message: str | bytes) -> None:
            frame = json.loads(message)[0]
            if frame["t"] != "join":
                return server.send(message)
            answer = {"t": "err", "id": frame["id"], "code": "unavailable", "msg": "", "temporary": True}
            return route.send(json.dumps([answer]))

        route.on_message(said)

    await somebody.page.route_web_socket("**/ws", opened)


async def behind_for_long(somebody: Person, _: Stage) -> None:
    """Closed as too slow (4002) once it is alive; then so much is missing that it is said, and it does not come yet."""
    opened_before = 0

    def opened(route: WebSocketRoute) -> None:
        nonlocal opened_before
        opened_before += 1
        again = opened_before > 1
        server = route.connect_to_server()

        async def told(message: str | bytes) -> None:
            frames = json.loads(message)
            for frame in frames:
                if again and frame["t"] == "joined":
                    frame["lanes"]["pub"]["head"] += 48
            route.send(json.dumps(frames))
            if not again and any(frame["t"] == "snap" for frame in frames):
                await route.close(code=4002)

        server.on_message(told)

    await somebody.page.route_web_socket("**/ws", opened)


def sent_away(code: int) -> Step:
    async def lay(somebody: Person, _: Stage) -> None:
        def opened(route: WebSocketRoute) -> None:
            server = route.connect_to_server()

            async def told(message: str | bytes) -> None:
                route.send(message)
                if '"snap"' in str(message):
                    await route.close(code=code)

            server.on_message(told)

        await somebody.page.route_web_socket("**/ws", opened)

    return lay


async def nothing_to_review(somebody: Person, _: Stage) -> None:
    """The page asks for posts and nobody gives it one."""

    def opened(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda told: None if "mod.pull" in str(told) else server.send(told))

    await somebody.page.route_web_socket("**/ws", opened)


def said(code: str) -> Step:
    """What a page says once after an action."""

    async def lay(somebody: Person, _: Stage) -> None:
        await somebody.context.add_cookies([{"name": "wz_said", "value": code, "url": somebody.base}])

    return lay


def held_by_a_colleague(queue: Any) -> Any:
    until = int(time.time() * 1000) + 3_600_000
    return {**queue, "items": [{**one, "lease_by": "somebody", "lease_until": until} for one in queue["items"]]}


def frozen_for_a_while(told: str) -> str:
    until = int((time.time() + 600) * 1000)
    return told.replace('"frozen":false', '"frozen":true').replace('"until":null', f'"until":{until}')


def frozen(rooms: Any) -> Any:
    first, *others = rooms["items"]
    return {**rooms, "items": [{**first, "frozen": True, "until": int((time.time() + 600) * 1000)}, *others]}


def many(rooms: Any) -> Any:
    """Forty of them, as in a city on a busy day."""
    copies = [{**one, "id": f"{one['id']}{turn}"} for turn in range(1, 9) for one in rooms["items"]]
    return {**rooms, "items": [*rooms["items"], *copies][:40]}


def none_at_all(page: Any) -> Any:
    return {**page, "items": []}


# --- on the public pages ----------------------------------------------------------------------------------------------


async def room_alive(somebody: Person, _: Stage) -> None:
    await somebody.page.get_by_role("log").wait_for()


async def open_ask(somebody: Person, stage: Stage) -> None:
    """On a phone a sheet behind a button, on a desktop beside the stream."""
    await room_alive(somebody, stage)
    field = somebody.page.locator("#ask-body")
    await somebody.page.locator("#ask-body, .askbar button").first.wait_for(state="attached")
    if not await field.is_visible():
        await somebody.page.locator(".askbar button").first.click()
    await field.wait_for()


async def write(somebody: Person, stage: Stage) -> None:
    await open_ask(somebody, stage)
    await somebody.page.locator("#ask-body").fill("夜班公交能不能延到零点以后？")


async def ask_one(somebody: Person, stage: Stage) -> None:
    await write(somebody, stage)
    await somebody.page.keyboard.press("Control+Enter")
    await expect(somebody.page.locator("#mine")).to_contain_text("夜班公交", timeout=WAIT_MS)
    await expect(somebody.page.locator("#ask-body")).to_have_value("", timeout=WAIT_MS)


async def refused(somebody: Person, stage: Stage) -> None:
    await ask_one(somebody, stage)
    moderator = await sign_in(somebody.base, "moderator2")
    (own,) = await _mine(somebody, stage.waiting)
    ((pulled),) = (await moderator.post("/queue/pull", {"post": own["post"], "n": 1}))["posts"]
    ruling = {"ver": pulled["ver"], "verdict": "reject", "reason": "3"}
    await moderator.post(f"/posts/{own['post']}/decide", ruling)
    await moderator.close()
    await somebody.page.locator("#mine .badge.stop").wait_for()


async def published(somebody: Person, stage: Stage) -> None:
    """With the form for a follow-up opened."""
    await ask_one(somebody, stage)
    await somebody.page.locator("#mine .badge.ok").wait_for()
    await somebody.page.locator("#mine summary").click()
    await somebody.page.locator("#mine textarea").wait_for()


async def muted(somebody: Person, stage: Stage) -> None:
    await ask_one(somebody, stage)
    moderator = await sign_in(somebody.base, "moderator2")
    author = (await somebody.page.evaluate("fetch('/api/v1/me').then((answer) => answer.json())"))["id"]
    until = int(time.time() * 1000) + 3_600_000
    sanction = {"user": author, "room": stage.waiting, "until": until, "reason": "flooding", "rule": 5}
    await moderator.post("/sanctions", sanction)
    await moderator.close()
    await somebody.page.locator("#ask .notice.stop").wait_for()


async def unread(somebody: Person, stage: Stage) -> None:
    await room_alive(somebody, stage)
    await somebody.page.locator(".stream-bar button").click()
    host = await sign_in(somebody.base, "host")
    notice = {"cid": f"unread-{time.monotonic_ns()}", "kind": "notice", "body": "今天的提问收到四点。"}
    await host.post(f"/rooms/{stage.written}/posts", notice)
    await host.close()
    await somebody.page.locator(".pill").wait_for()


def line_lost(alive: Step) -> Step:
    """Its line is cut under a page that was alive: what was read stays, and what is going on is said."""

    async def lose(somebody: Person, stage: Stage) -> None:
        assert somebody.line is not None
        await alive(somebody, stage)
        await somebody.line.cut()
        await told_of_trouble(somebody, stage)

    return lose


async def told_of_trouble(somebody: Person, _: Stage) -> None:
    await somebody.page.locator("#conn .conn").wait_for()


async def go_offline(somebody: Person, stage: Stage) -> None:
    await room_alive(somebody, stage)
    await somebody.context.set_offline(True)
    await somebody.page.evaluate("window.dispatchEvent(new Event('offline'))")
    await told_of_trouble(somebody, stage)


async def wrong_password(somebody: Person, _: Stage) -> None:
    await somebody.page.locator("#username").fill("nobody")
    await somebody.page.locator("#password").fill("wrong")
    await somebody.page.locator("#password").press("Enter")
    await somebody.page.get_by_role("alert").wait_for()


async def _mine(somebody: Person, room: str) -> list[dict[str, Any]]:
    cookies = await somebody.context.cookies()
    api = Api(somebody.base, next(str(one["value"]) for one in cookies if one["name"] == "wz_guest"))
    found: list[dict[str, Any]] = (await api.get(f"/rooms/{room}/mine"))["posts"]
    await api.close()
    return found
