"""Hiding by two persons, by plain forms: the second agrees or declines, the first withdraws."""

from __future__ import annotations

import pytest

from tests.gateway.api.conftest import Edge
from tests.gateway.pages.conftest import browser

pytestmark = pytest.mark.anyio

_HIDING = "/moderation/cases/hiding"


async def answered(edge: Edge, body: str = "三元含六公里。") -> tuple[str, str]:
    """A room with the rule and an answer in it."""
    room = (await edge.a_room(policy={"two_person": True}))["id"]
    question = await edge.published(room, "起步价为什么是三元？", "c1")
    department = await edge.as_user("price1")
    said = {"cid": "a1", "kind": "reply", "body": body, "reply_to": question}
    answer = await department.post(f"/api/v1/rooms/{room}/posts", json=said)
    return room, str(answer.json()["post"])


async def test_two_moderators_hide_an_answer_by_forms(edge: Edge) -> None:
    room, post = await answered(edge)
    first, second = await browser(edge).sign_in("moderator1"), await browser(edge).sign_in("moderator2")
    page = await first.submit("/moderation/redact", post=post, reason="2", room=room)
    assert "已提议隐去，须由另一人确认" in page.text
    assert "三元含六公里。" in page.text
    theirs, ours = (await first.get("/moderation/cases")).text, (await second.get("/moderation/cases")).text
    assert ("撤回提议" in theirs, "同意隐去" in theirs) == (True, False)
    assert ("撤回提议" in ours, "同意隐去" in ours, "三元含六公里。" in ours) == (False, True, True)
    refused = await first.post(_HIDING, post=post, proposal="1", reason="2", outcome="confirmed")
    assert (refused.status_code, "这是您自己作的处理" in refused.text) == (403, True)
    page = await second.submit(_HIDING, post=post, proposal="1", reason="2", outcome="confirmed")
    assert "三元含六公里。" not in page.text
    assert "两人同意，已隐去" in (await browser(edge).get(f"/rooms/{room}/ledger")).text
    late = await second.post(_HIDING, post=post, proposal="1", reason="2", outcome="declined")
    assert late.status_code == 409


async def test_it_is_withdrawn_and_a_report_goes_no_other_way(edge: Edge) -> None:
    room, post = await answered(edge)
    first, viewer = await browser(edge).sign_in("moderator1"), browser(edge)
    await viewer.submit(f"/posts/{post}/report", reason="2", note="不属实")
    judged = await first.submit("/moderation/cases/report", post=post, outcome="redacted", reason="2", note="")
    assert "已提议隐去，须由另一人确认" in judged.text
    page = await first.submit(_HIDING, post=post, proposal="1", reason="2", outcome="declined")
    assert "撤回提议" not in page.text
    assert "不属实" in page.text
    assert "三元含六公里。" in (await viewer.get(f"/rooms/{room}")).text
    assert (await first.post(_HIDING, post=post, proposal="1", reason="2", outcome="x")).status_code == 400


@pytest.mark.parametrize("who", ["host", "price1", "inspector1"])
async def test_the_form_is_the_moderators(edge: Edge, who: str) -> None:
    staff = await browser(edge).sign_in(who)
    assert (await staff.post(_HIDING, post="x", proposal="1", reason="2", outcome="declined")).status_code == 403


async def test_what_the_desk_of_the_room_is_told(edge: Edge) -> None:
    room, post = await answered(edge)
    moderator = await edge.as_user("moderator1")
    answer = await moderator.post(f"/api/v1/posts/{post}/redact", json={"reason": "2"})
    assert (answer.json()["seq"], answer.json()["pending"], answer.json()["proposal"]) == (None, True, 1)
    for who, named in (("price1", False), ("inspector1", False), ("host", True), ("moderator2", True)):
        ((told,)) = (await (await edge.as_user(who)).get(f"/api/v1/rooms/{room}/proposals")).json()["items"]
        assert (told["post"], told["reason"], "by" in told, "decided" in told) == (post, "2", named, named), who
    for who, code in (("metro1", 403), ("evaluator1", 403), ("guest", 403), ("visitor", 401)):
        assert (await (await edge.as_user(who)).get(f"/api/v1/rooms/{room}/proposals")).status_code == code, who
    for who, code in (("price1", 403), ("inspector1", 403), ("host", 200)):
        assert (await (await edge.as_user(who)).get("/api/v1/proposals")).status_code == code, who
    host = await edge.as_user("host")
    assert (await host.get("/api/v1/rooms/none/proposals")).status_code == 404
    declined = await host.post(f"/api/v1/posts/{post}/redact/decline", json={"proposal": 1, "note": "属实"})
    assert declined.json() == {"post": post, "state": "declined"}
    ((ended,)) = (await host.get("/api/v1/proposals?state=declined")).json()["items"]
    assert ended["decided"]["note"] == "属实"
