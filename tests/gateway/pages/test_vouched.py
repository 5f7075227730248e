"""To the city's portal and back, in a browser without script: one code, one browser, one use."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.options import Portal
from tests.accounts.portal import assertion
from tests.gateway.api.conftest import Edge, MakeEdge
from tests.gateway.pages.conftest import Browser, browser

pytestmark = pytest.mark.anyio

PORTAL = Portal("https://id.city.example/login?app=wz", "市民卡", "CityCard")
BACK = "/signin/vouched/back"


@pytest.fixture
async def edge(make_edge: MakeEdge) -> Edge:
    return await make_edge(portal=PORTAL)


async def closed_room(edge: Edge) -> str:
    room: str = (await edge.a_room())["id"]
    moderator = await edge.as_user("moderator1")
    assert (await moderator.patch(f"/api/v1/rooms/{room}", json={"verified": True})).status_code == 200
    return room


async def begun(asker: Browser, room: str = "") -> dict[str, str]:
    """The browser goes to the portal; what it takes there."""
    sent = await asker.get(f"/signin/vouched?room={room}" if room else "/signin/vouched")
    assert sent.status_code == 303, sent.text
    address = urlsplit(sent.headers["location"])
    assert (address.netloc, address.path) == ("id.city.example", "/login")
    return {name: value for name, (value,) in parse_qs(address.query).items()}


async def deposited(edge: Edge, **said: str) -> str:
    """The portal's own call, from server to server; the code it gives the browser."""
    token = assertion("110101199003071234", exp=edge.clock.now_ms() // 1000 + 120, **said)
    answer = await edge.client().post("/api/v1/vouchers", json={"assertion": token})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def test_from_the_closed_room_to_the_portal_and_back_to_ask(edge: Edge) -> None:
    room, asker = await closed_room(edge), browser(edge)
    page = (await asker.get(f"/rooms/{room}")).text
    assert f'href="/signin/vouched?room={room}"' in page
    assert "用市民卡登录后发言" in page
    assert 'name="body"' not in page

    taken = await begun(asker, room)
    assert (taken["app"], taken["room"]) == ("wz", room)
    code = await deposited(edge, state=taken["state"], name="王先生")
    back = await asker.get(f"{BACK}?state={taken['state']}&code={code}")
    assert (back.status_code, back.headers["location"]) == (303, f"/rooms/{room}#ask")
    assert code not in str(back.headers)

    page = (await asker.get(f"/rooms/{room}")).text
    assert 'name="body"' in page
    assert 'data-verified="1"' in page
    assert 'action="/signout"' in page
    await asker.submit(f"/rooms/{room}/ask", cid="c1", body="起步价为什么是三元？")
    mine = (await asker.get("/my")).text
    assert "起步价为什么是三元？" in mine
    assert "只记在这个浏览器里" not in mine


async def test_a_code_is_of_no_use_to_who_did_not_begin_or_comes_again(edge: Edge) -> None:
    asker, thief = browser(edge), browser(edge)
    state = (await begun(asker))["state"]
    code = await deposited(edge, state=state)
    without = await thief.get(f"{BACK}?state={state}&code={code}")
    assert (without.status_code, "再登录一次" in without.text) == (404, True)
    # With a beginning of its own, it would sign the victim's browser in as the thief, or the other way round.
    own = (await begun(thief))["state"]
    assert (await thief.get(f"{BACK}?state={state}&code={code}")).status_code == 404
    # The negative control: what kept the thief out is the browser alone.
    assert (await asker.get(f"{BACK}?state={state}&code={code}")).status_code == 303
    stolen = await deposited(edge, state=state, jti="2")
    assert (await thief.get(f"{BACK}?state={own}&code={stolen}")).status_code == 404
    # Who is in already and goes back a page is in.
    assert (await asker.get(f"{BACK}?state={state}&code={code}")).status_code == 303
    assert 'data-verified="1"' not in (await thief.get("/")).text


async def test_a_word_for_one_room_does_not_open_another(edge: Edge) -> None:
    here, elsewhere, asker = await closed_room(edge), await closed_room(edge), browser(edge)
    state = (await begun(asker, elsewhere))["state"]
    code = await deposited(edge, state=state, room=here)
    refused = await asker.get(f"{BACK}?state={state}&code={code}")
    assert (refused.status_code, "另一场访谈" in refused.text) == (403, True)
    state = (await begun(asker, here))["state"]
    code = await deposited(edge, state=state, room=here, jti="2")
    assert (await asker.get(f"{BACK}?state={state}&code={code}")).status_code == 303
    assert 'name="body"' in (await asker.get(f"/rooms/{here}")).text
    assert 'name="body"' not in (await asker.get(f"/rooms/{elsewhere}")).text


async def test_no_foreign_address_is_gone_on_to(edge: Edge) -> None:
    for room in ("//evil.example", "https://evil.example", "../desk", "x" * 26 + "%0d%0a"):
        assert (await browser(edge).get(f"/signin/vouched?room={room}")).status_code == 404


async def test_signing_out_makes_a_visitor_again(edge: Edge) -> None:
    asker = browser(edge)
    state = (await begun(asker))["state"]
    await asker.get(f"{BACK}?state={state}&code={await deposited(edge, state=state)}")
    assert "您已用市民卡登录" in (await asker.get("/signin")).text
    await asker.submit("/signout")
    assert "用市民卡登录后就能提问" in (await asker.get("/signin")).text


async def test_where_the_city_vouches_for_nobody_the_room_says_that_staff_alone_write(make_edge: MakeEdge) -> None:
    edge = await make_edge()
    edge.services.vouching = None
    room = await closed_room(edge)
    page = (await browser(edge).get(f"/rooms/{room}")).text
    assert "现在只有工作人员可以发言" in page
    assert "/signin/vouched" not in page
    assert (await browser(edge).get("/signin/vouched")).status_code == 404
    assert (await browser(edge).get(BACK)).status_code == 404
