"""A netizen goes to the city's portal and back in a real browser, and writes where guests may not."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, Route

from tests.accounts.portal import PORTAL, assertion
from tests.client import Api, sign_in
from tests.e2e.people import PHONE, Person, person
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

BODY = "末班车能不能晚一点？"


async def portal_at(somebody: Person, server: ServerProcess) -> None:
    """The city's page, as far as a browser sees it: it signs in at once and sends back."""

    async def login(route: Route) -> None:
        (state,) = parse_qs(urlsplit(route.request.url).query)["state"]
        api = Api(server.base)
        try:
            said = assertion("p-1", exp=int(time.time()) + 60, name="王先生", state=state)
            code = (await api.post("/vouchers", {"assertion": said}))["code"]
        finally:
            await api.close()
        back = f"{server.base}/signin/vouched/back?state={state}&code={code}"
        page = f'<link rel="icon" href="data:,"><a id="back" href="{back}">back</a>'
        await route.fulfill(status=200, content_type="text/html", body=page)

    await somebody.context.route(f"{PORTAL}*", login)


async def test_from_the_closed_room_to_the_portal_and_back_to_write(server: ServerProcess, browser: Browser) -> None:
    host, moderator = [await sign_in(server.base, name) for name in ("host", "moderator1")]
    netizen = await person(browser, server.base, **PHONE)
    page = netizen.page
    room = (await host.post("/rooms", {"title": "末班车", "departments": ["price"], "open": True}))["id"]
    try:
        await portal_at(netizen, server)
        await netizen.go(f"/rooms/{room}")
        await page.wait_for_selector(".askbar .fake")
        # It is closed while somebody looks on: the field gives way to the door.
        await moderator.call("PATCH", f"/rooms/{room}", {"verified": True})
        await page.click(f'.askbar a[href="/signin/vouched?room={room}"]')
        await page.click("#back")
        await page.wait_for_url(f"**/rooms/{room}#ask")
        await page.click(".askbar button.fake")
        await page.fill("#ask-body", BODY)
        await page.click("#ask form button[type=submit]")
        await netizen.sees(BODY, within="#mine")
        (waiting,) = (await moderator.get(f"/rooms/{room}/queue"))["items"]
        assert (waiting["body"], waiting["by"]["name"]) == (BODY, "王先生")
        assert netizen.complaints == []
    finally:
        await host.post(f"/rooms/{room}/close")
        for api in (host, moderator):
            await api.close()
