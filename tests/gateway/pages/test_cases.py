"""申诉与举报 by plain forms: a card each, decided by somebody else than who took the decision."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.api.conftest import Edge
from tests.gateway.pages.conftest import browser
from tests.gateway.pages.test_my import asked, rejected
from tests.gateway.pages.test_public import settled

pytestmark = pytest.mark.anyio


async def test_an_appeal_is_decided_by_the_second_moderator_only(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    post = await asked(edge, asker, room, "共享自行车停哪里？")
    await rejected(edge, post)
    await asker.submit("/my/appeal", post=post, text="与问 18 不同")
    first, second = await browser(edge).sign_in("moderator1"), await browser(edge).sign_in("moderator2")

    theirs, ours = (await first.get("/moderation/cases")).text, (await second.get("/moderation/cases")).text
    assert "与问 18 不同" in ours
    assert "共享自行车停哪里？" in ours
    assert "须由另一位审核员复核" in theirs
    appeal = ours.split('id="a-')[1].split('"')[0]
    refused = await first.post("/moderation/cases/appeal", appeal=appeal, outcome="upheld", note="")
    assert refused.status_code == 403
    kept = await second.post("/moderation/cases/appeal", appeal=appeal, outcome="upheld", note="长" * 501)
    assert (kept.status_code, f"{'长' * 501}</textarea>" in kept.text) == (413, True)
    page = await second.submit("/moderation/cases/appeal", appeal=appeal, outcome="reversed", note="确实不同")
    assert "没有待复核的申诉" in page.text
    assert "确实不同" in (await asker.get("/my")).text


async def test_an_appeal_whose_text_was_taken_back_is_a_card_without_it(edge: Edge) -> None:
    author, room = await edge.as_user("guest"), (await edge.a_room())["id"]
    sent = {"cid": "c1", "kind": "question", "body": "后来收回的一问"}
    post = (await author.post(f"/api/v1/rooms/{room}/posts", json=sent)).json()["post"]
    await rejected(edge, post)
    moderator = await browser(edge).sign_in("moderator2")
    acts: list[tuple[str, dict[str, Any]]] = [
        ("appeal", {"text": "请再看看"}),
        ("revise", {"ver": 1, "body": "改过的一稿"}),
        ("withdraw", {}),
    ]
    for act, body in acts:
        edge.clock.advance(60_000)
        assert (await author.post(f"/api/v1/posts/{post}/{act}", json=body)).status_code in (200, 201), act
    page = await moderator.get("/moderation/cases")
    assert (page.status_code, "请再看看" in page.text, "后来收回的一问" in page.text) == (200, True, False)


async def test_a_report_is_dismissed_or_the_post_is_hidden(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    kept, hidden = await edge.published(room, "留着的一问", "c1"), await edge.published(room, "隐去的一问", "c2")
    viewer, moderator = browser(edge), await browser(edge).sign_in("moderator1")
    for post in (kept, hidden):
        await viewer.submit(f"/posts/{post}/report", reason="3", note="有电话")
    page = (await moderator.get("/moderation/cases")).text
    for words in ("留着的一问", "隐去的一问", "审核通过过", "有电话"):
        assert words in page
    typed = {"post": kept, "outcome": "redacted", "reason": "4", "note": "长" * 501}
    again = await moderator.post("/moderation/cases/report", **typed)
    assert (again.status_code, f"{typed['note']}</textarea>" in again.text) == (413, True)
    assert again.text.count(" selected") == 1
    await moderator.submit("/moderation/cases/report", post=kept, outcome="dismissed", note="")
    page = (await moderator.submit("/moderation/cases/report", post=hidden, outcome="redacted", reason="3")).text
    assert "没有待查看的举报" in page
    mine = (await viewer.get("/my")).text
    assert "看过，保留" in mine
    assert "已隐去" in mine
    await settled()
    assert "隐去的一问" not in (await viewer.get(f"/rooms/{room}")).text


@pytest.mark.parametrize("reason", ["这是一句话", "x" * 33, "withdrawn ", ""])
async def test_a_reported_post_is_hidden_for_a_reason_that_is_a_code(edge: Edge, reason: str) -> None:
    """Everybody is told the reason beside the gap: no sentence goes out that way, nor what the store cannot hold."""
    post = await edge.published((await edge.a_room())["id"], "有人举报的一问", "c1")
    viewer, moderator = browser(edge), await browser(edge).sign_in("moderator1")
    await viewer.submit(f"/posts/{post}/report", reason="2", note="")
    refused = await moderator.post("/moderation/cases/report", post=post, outcome="redacted", reason=reason, note="")
    assert (refused.status_code, "有人举报的一问" in refused.text) == (400, True)


@pytest.mark.parametrize("who", ["host", "price1", "inspector1"])
async def test_nobody_else_sees_them(edge: Edge, who: str) -> None:
    assert (await (await browser(edge).sign_in(who)).get("/moderation/cases")).status_code == 403


async def test_a_hidden_text_is_read_from_under_its_seal_with_a_reason_that_stays(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    post = await asked(edge, asker, room, "带着住址的一问")
    first, second = await edge.as_user("moderator1"), await browser(edge).sign_in("moderator2")
    await first.post("/api/v1/queue/pull", json={"post": post})
    await first.post(f"/api/v1/posts/{post}/decide", json={"ver": 1, "verdict": "publish"})
    await first.post(f"/api/v1/posts/{post}/redact", json={"reason": "3"})
    await asker.submit("/my/appeal", post=post, text="没有别人的住址")

    assert "带着住址的一问" not in (await second.get("/moderation/cases")).text
    nothing = await second.post("/moderation/cases/evidence", post=post, ver="1", why=" ")
    assert (nothing.status_code, "带着住址的一问" in nothing.text) == (400, False)
    gone = await second.post("/moderation/cases/evidence", post=post, ver="9", why="申诉复核")
    assert (gone.status_code, 'value="申诉复核"' in gone.text, "<details open>" in gone.text) == (404, True, True)
    inspector = await browser(edge).sign_in("inspector1")
    assert (await inspector.post("/moderation/cases/evidence", post=post, ver="1", why="看看")).status_code == 403
    opened = await second.post("/moderation/cases/evidence", post=post, ver="1", why="申诉复核")
    assert "带着住址的一问" in opened.text
    log = (await (await edge.as_user("inspector1")).get("/api/v1/evidence")).json()["items"]
    assert [(one["why"], one["reason"]) for one in log] == [("opened", "申诉复核"), ("hidden", "3")]
