"""查询码, without script: whoever lost the cookie reads what became of the own posts, and can do nothing else."""

from __future__ import annotations

import re

import pytest

from gateway.throttle import LOOKUPS_PER_MINUTE
from tests.gateway.api.conftest import Edge
from tests.gateway.pages.conftest import Browser, browser

pytestmark = pytest.mark.anyio

CODE = re.compile(r'class="lookup-code"[^>]*>((?:[A-Z0-9]{4}(?:-<wbr>)?){5})<')


async def asked(edge: Edge, asker: Browser, room: str, body: str) -> str:
    await asker.submit(f"/rooms/{room}/ask", cid=body, body=body)
    moderator = await edge.as_user("moderator1")
    (post,) = (await moderator.get(f"/api/v1/rooms/{room}/queue")).json()["items"][-1:]
    return str(post["post"])


async def code_of(asker: Browser) -> str:
    page = await asker.post("/my/code")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    found = CODE.search(page.text)
    assert found, page.text
    return found[1].replace("<wbr>", "")


async def test_by_the_code_another_browser_reads_what_became_of_them(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    refused = await asked(edge, asker, room, "站内能不能多设几个直梯？")
    moderator = await edge.as_user("moderator1")
    await moderator.post("/api/v1/queue/pull", json={"post": refused})
    ruling = {"ver": 1, "verdict": "reject", "reason": 3}
    assert (await moderator.post(f"/api/v1/posts/{refused}/decide", json=ruling)).status_code == 200
    await asked(edge, asker, room, "几点开门？")
    assert "取查询码" in (await asker.get("/my")).text
    assert "/my#code" in (await asker.get(f"/rooms/{room}")).text
    code = await code_of(asker)

    elsewhere = browser(edge)
    assert "/my/lookup" in (await elsewhere.get("/my")).text
    assert (await elsewhere.get("/my/lookup")).status_code == 200
    page = await elsewhere.post("/my/lookup", code=code.lower().replace("-", " "))
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    for words in ("站内能不能多设几个直梯？", "规则 3", "几点开门？", "待审"):
        assert words in page.text, words
    # To read: no form but the page's own, nobody is signed in by it, and the code is said nowhere again.
    assert "<form" not in page.text
    assert "set-cookie" not in page.headers
    assert code not in page.text
    assert "几点开门？" not in (await elsewhere.get("/my")).text
    assert "几点开门？" not in (await elsewhere.post("/my/lookup", code="A" * 20)).text


async def test_what_was_hidden_or_is_others_is_not_read_by_a_code(edge: Edge) -> None:
    asker, neighbour, room = browser(edge), browser(edge), (await edge.a_room())["id"]
    await asked(edge, neighbour, room, "邻居的问题？")
    hidden = await asked(edge, asker, room, "要隐去的问题？")
    moderator = await edge.as_user("moderator1")
    await moderator.post("/api/v1/queue/pull", json={"post": hidden})
    await moderator.post(f"/api/v1/posts/{hidden}/decide", json={"ver": 1, "verdict": "publish"})
    await asked(edge, asker, room, "自己的问题？")
    code = await code_of(asker)
    shown = (await browser(edge).post("/my/lookup", code=code)).text
    # The negative control: while it stood in public it was read by the code too.
    assert "要隐去的问题？" in shown
    assert (await moderator.post(f"/api/v1/posts/{hidden}/redact", json={"reason": "3"})).status_code == 200
    shown = (await browser(edge).post("/my/lookup", code=code)).text
    assert "自己的问题？" in shown
    assert "要隐去的问题？" not in shown
    assert "邻居的问题？" not in shown


async def test_a_new_code_ends_the_one_before_and_visitors_get_none(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    await asked(edge, asker, room, "几点开门？")
    first, second = await code_of(asker), await code_of(asker)
    stale = await browser(edge).post("/my/lookup", code=first)
    assert (stale.status_code, "没有这个查询码" in stale.text) == (404, True)
    assert (await browser(edge).post("/my/lookup", code=second)).status_code == 200
    assert (await browser(edge).post("/my/code")).status_code == 401


async def test_trying_codes_is_slowed_down_for_an_address(edge: Edge) -> None:
    guesser = browser(edge)
    statuses = [(await guesser.post("/my/lookup", code="A" * 20)).status_code for _ in range(LOOKUPS_PER_MINUTE + 1)]
    assert statuses == [404] * LOOKUPS_PER_MINUTE + [429]


async def test_in_english_too(edge: Edge) -> None:
    page = await browser(edge).get("/my/lookup", **{"accept-language": "en"})
    assert "See your questions by code" in page.text
