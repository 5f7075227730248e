"""Reports over HTTP and by the plain form: who may, how often, and what moderators do about them."""

from __future__ import annotations

import pytest

from moderation.pace import REPORTS
from tests.gateway.api.conftest import Edge
from tests.gateway.pages.conftest import browser

pytestmark = pytest.mark.anyio


async def test_from_a_report_to_the_answer(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    post = await edge.published(room)
    viewer, moderator = await edge.as_user("guest2"), await edge.as_user("moderator1")
    made = await viewer.post(f"/api/v1/posts/{post}/report", json={"reason": "3", "note": "有电话"})
    (case,) = (await moderator.get("/api/v1/reports", params={"room": room})).json()["items"]
    judged = await moderator.post(f"/api/v1/posts/{post}/reports/decide", json={"outcome": "dismissed", "note": "没有"})
    (mine,) = (await viewer.get(f"/api/v1/rooms/{room}/mine")).json()["reports"]
    assert (made.status_code, made.json()["state"]) == (200, "open")
    assert (case["reasons"], case["notes"]) == ({"3": 1}, ["有电话"])
    assert (judged.json()["state"], mine["state"], mine["note"]) == ("dismissed", "dismissed", "没有")


@pytest.mark.parametrize("who", ["visitor", "guest", "price1", "host", "inspector1"])
async def test_nobody_but_moderators_reads_or_judges(edge: Edge, who: str) -> None:
    client = await edge.as_user(who)
    answers = [
        await client.get("/api/v1/reports"),
        await client.post("/api/v1/posts/x/reports/decide", json={"outcome": "dismissed"}),
    ]
    assert {answer.status_code for answer in answers} == {401 if who == "visitor" else 403}


async def test_what_does_not_fit_is_refused(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    post = await edge.published(room)
    viewer, moderator = await edge.as_user("guest2"), await edge.as_user("moderator1")
    for client, path, body, status in (
        (viewer, f"/api/v1/posts/{post}/report", {"reason": "6"}, 400),
        (viewer, f"/api/v1/posts/{post}/report", {"reason": "1", "note": "长" * 201}, 413),
        (viewer, "/api/v1/posts/unknown/report", {"reason": "1"}, 404),
        (moderator, f"/api/v1/posts/{post}/reports/decide", {"outcome": "redacted"}, 400),
    ):
        assert (await client.post(path, json=body)).status_code == status, body


async def test_a_list_of_links_is_not_reported_one_after_the_other(edge: Edge) -> None:
    room = (await edge.a_room(policy={"premoderate": False}))["id"]
    viewer, posts = await edge.as_user("guest2"), []
    for n in range(REPORTS + 1):
        author = await edge.as_user(f"guest-{n}")
        sent = {"cid": "c", "kind": "question", "body": f"第 {n} 问：票价怎么定？"}
        posts.append((await author.post(f"/api/v1/rooms/{room}/posts", json=sent)).json()["post"])
    answers = [await viewer.post(f"/api/v1/posts/{post}/report", json={"reason": "5"}) for post in posts]
    assert [answer.status_code for answer in answers] == [200] * REPORTS + [429]
    # Again is no new report, and costs nothing, but one has to be left to ask with.
    assert answers[-1].json()["retry_ms"] > 0


async def test_a_visitor_reports_by_the_form_and_finds_the_answer(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    post = await edge.published(room)
    visitor = browser(edge)
    assert f"/posts/{post}/report" in (await visitor.get(f"/rooms/{room}")).text
    form = await visitor.get(f"/posts/{post}/report")
    assert form.status_code == 200
    assert "含他人个人信息" in form.text
    page = await visitor.submit(f"/posts/{post}/report", reason="3", note="")
    assert "举报已收到" in page.text
    assert "待查看" in (await visitor.get("/my")).text
    assert (await visitor.get("/posts/unknown/report")).status_code == 404
