"""Every screen and important state, and how to get there: for axe, and for `make shots`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import WebSocketRoute, expect

from tests.client import Api, guest, sign_in
from tests.e2e.people import WAIT_MS, Line, Person


@dataclass(frozen=True)
class Stage:
    """The rooms that the screens show, by what they are there for."""

    live: str
    scheduled: str
    closed: str
    paused: str
    empty: str
    waiting: str


Step = Callable[[Person, Stage], Awaitable[None]]


@dataclass(frozen=True)
class Screen:
    """`{live}` and the like in `path` are rooms of the stage; `who` signs in first, "" is a visitor."""

    name: str
    path: str
    who: str = ""
    script: bool = True
    before: Step | None = None
    after: Step | None = None
    # The room's text answers in the page's own words, so the language matters; elsewhere one is enough for axe.
    both_languages: bool = False


async def build_stage(base: str) -> Stage:
    """On top of the demo: what it has no room for."""
    host = await sign_in(base, "host")
    rooms = [room for state in ("live", "scheduled", "closed") for room in await _rooms(host, state)]

    def of(state: str, word: str = "") -> str:
        return str(next(room["id"] for room in rooms if room["state"] == state and word in room["title"]))

    paused = await _room(host, "老旧小区加装电梯怎么分摊", premoderate=False)
    netizen = await guest(base, "晨跑的人")
    asked = {"cid": "stage-1", "kind": "question", "body": "一楼不同意，六楼出得多，这笔账怎么算？"}
    await netizen.post(f"/rooms/{paused}/posts", asked)
    await host.post(f"/rooms/{paused}/pause")
    empty = await _room(host, "公园夜间照明到几点")
    waiting = await _room(host, "学校门口的早晚高峰")
    for number, body in enumerate(WAITING):
        await netizen.post(f"/rooms/{waiting}/posts", {"cid": f"stage-w{number}", "kind": "question", "body": body})
        await netizen.close()
        netizen = await guest(base, f"家长{number}")
    await netizen.close()
    await host.close()
    return Stage(of("live", "三部门"), of("scheduled"), of("closed"), paused, empty, waiting)


WAITING = tuple(f"第{number}中学门口能不能设临时停车位？早上七点半最堵。" for number in range(1, 25))


async def _rooms(api: Api, state: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await api.get(f"/rooms?state={state}"))["items"]
    return found


async def _room(host: Api, title: str, **policy: object) -> str:
    wanted = {"title": title, "departments": ["price", "transport"], "open": True, "policy": policy}
    room = await host.post("/rooms", wanted)
    return str(room["id"])


# --- how to reach a state ---------------------------------------------------------------------------------------------


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
    # One place in the queue, one figure, wherever it stands.
    told = await somebody.page.locator("#ask .notice.ok, #mine .badge").all_inner_texts()
    places = [place for text in told for place in re.findall(r"\d+ (?:条|ahead)", text)]
    assert len(places) > 1, told
    assert len(set(places)) == 1, told


async def cut(somebody: Person, _: Stage) -> None:
    line = Line(cut_off=True)
    await line.lay(somebody.page)


async def told_of_trouble(somebody: Person, _: Stage) -> None:
    await expect(somebody.page.locator("#conn")).not_to_be_empty(timeout=WAIT_MS)


async def go_offline(somebody: Person, stage: Stage) -> None:
    await room_alive(somebody, stage)
    await somebody.context.set_offline(True)
    await somebody.page.evaluate("window.dispatchEvent(new Event('offline'))")


async def wrong_password(somebody: Person, _: Stage) -> None:
    await somebody.page.locator("#username").fill("nobody")
    await somebody.page.locator("#password").fill("wrong")
    await somebody.page.locator("#password").press("Enter")
    await somebody.page.get_by_role("alert").wait_for()


async def desk_alive(somebody: Person, _: Stage) -> None:
    await somebody.page.locator(".qrow, .empty").first.wait_for(state="attached")


async def creating(somebody: Person, _: Stage) -> None:
    await somebody.page.locator("#title").wait_for()


async def open_question(somebody: Person, stage: Stage) -> None:
    await desk_alive(somebody, stage)
    row = somebody.page.locator(".qrow").first
    if await row.is_visible():
        await row.click()


async def card(somebody: Person, _: Stage) -> None:
    await somebody.page.locator("#one .msg").wait_for(state="attached")


async def choose_rule(somebody: Person, stage: Stage) -> None:
    await card(somebody, stage)
    await somebody.page.keyboard.press("r")
    await somebody.page.locator(".reasons").wait_for(state="attached")


async def nothing_to_review(somebody: Person, _: Stage) -> None:
    """The page asks for posts and nobody gives it one."""

    async def opened(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda told: None if "mod.pull" in str(told) else server.send(told))

    await somebody.page.route_web_socket("**/ws", opened)


SCREENS = (
    Screen("portal", "/", both_languages=True),
    Screen("portal-search", "/?q=地铁"),
    Screen("portal-search-none", "/?q=天外"),
    Screen("portal-noscript", "/", script=False),
    Screen("room-live", "/rooms/{live}", after=room_alive, both_languages=True),
    Screen("room-noscript", "/rooms/{live}", script=False),
    Screen("room-ask", "/rooms/{live}", after=write),
    Screen("room-mine", "/rooms/{waiting}", after=ask_one),
    Screen("room-reconnecting", "/rooms/{live}", before=cut, after=told_of_trouble),
    Screen("room-offline", "/rooms/{live}", after=go_offline),
    Screen("room-paused", "/rooms/{paused}", after=room_alive),
    Screen("room-paused-ask", "/rooms/{paused}", after=write),
    Screen("room-closed", "/rooms/{closed}", after=room_alive),
    Screen("room-scheduled", "/rooms/{scheduled}", after=room_alive),
    Screen("room-empty", "/rooms/{empty}", after=room_alive),
    Screen("transcript", "/rooms/{closed}/transcript", both_languages=True),
    Screen("transcript-running", "/rooms/{live}/transcript"),
    Screen("signin", "/signin", both_languages=True),
    Screen("signin-refused", "/signin", after=wrong_password),
    Screen("404", "/nowhere"),
    Screen("desk", "/desk", who="host"),
    Screen("create-room", "/desk/new", who="host", after=creating, both_languages=True),
    Screen("desk-noscript", "/desk", who="host", script=False),
    Screen("desk-room-host", "/desk/rooms/{live}", who="host", after=desk_alive),
    Screen("desk-room-department", "/desk/rooms/{live}", who="price1", after=open_question, both_languages=True),
    Screen("desk-room-noscript", "/desk/rooms/{live}", who="host", script=False),
    Screen("moderation-card", "/moderation", who="moderator1", after=card, both_languages=True),
    Screen("moderation-rules", "/moderation", who="moderator1", after=choose_rule),
    Screen("moderation-empty", "/moderation", who="moderator2", before=nothing_to_review),
    Screen("moderation-noscript", "/moderation", who="moderator1", script=False),
)


async def signed_in(somebody: Person, username: str) -> None:
    """By the API and a cookie: the form has tests of its own."""
    if not username:
        return
    granted = await sign_in(somebody.base, username)
    await granted.close()
    cookie = {"name": "wz_session", "value": str(granted.token), "url": somebody.base}
    await somebody.context.add_cookies([cookie])  # type: ignore[list-item]


async def show(screen: Screen, somebody: Person, stage: Stage) -> None:
    """Somebody, signed in already where `who` says so, looks at the screen."""
    if not screen.script:
        # Not switched off but not delivered: so it also stands for the moment before any script ran.
        await somebody.page.route("**/*.js", lambda route: route.abort())
    if screen.before is not None:
        await screen.before(somebody, stage)
    await somebody.go(screen.path.format(**vars(stage)))
    if screen.after is not None:
        await screen.after(somebody, stage)
