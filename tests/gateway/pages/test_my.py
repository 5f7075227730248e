"""我的提问, without script: what became of one's own posts, an appeal, and both decisions side by side."""

from __future__ import annotations

import pytest

from tests.gateway.api.conftest import Edge
from tests.gateway.pages.conftest import Browser, browser

pytestmark = pytest.mark.anyio


async def asked(edge: Edge, asker: Browser, room: str, body: str) -> str:
    await asker.submit(f"/rooms/{room}/ask", cid=body, body=body)
    moderator = await edge.as_user("moderator1")
    ((post,),) = [(await moderator.get(f"/api/v1/rooms/{room}/queue")).json()["items"][-1:]]
    return str(post["post"])


async def rejected(edge: Edge, post: str, reason: int = 6) -> None:
    moderator = await edge.as_user("moderator1")
    await moderator.post("/api/v1/queue/pull", json={"post": post})
    ruling = {"ver": 1, "verdict": "reject", "reason": reason}
    assert (await moderator.post(f"/api/v1/posts/{post}/decide", json=ruling)).status_code == 200


async def test_nothing_yet_says_where_to_begin(edge: Edge) -> None:
    page = await browser(edge).get("/my")
    assert page.status_code == 200
    assert "您还没有提问" in page.text


async def test_a_refusal_teaches_and_offers_both_ways_on(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room(title="票价"))["id"]
    post = await asked(edge, asker, room, "站内能不能多设几个直梯？")
    waiting = (await asker.get("/my")).text
    await rejected(edge, post, 3)
    page = (await asker.get("/my")).text

    assert "待审，前面还有 0 条" in waiting
    for words in ("规则 3：含他人个人信息", "去掉别人的姓名", "改一改再提", "提交申诉", "站内能不能多设几个直梯？"):
        assert words in page
    assert "站内能不能多设几个直梯？" not in (await browser(edge).get("/my")).text


async def test_from_the_appeal_to_both_decisions_on_one_card(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    post = await asked(edge, asker, room, "共享自行车停哪里？")
    await rejected(edge, post)
    sent = await asker.submit("/my/appeal", post=post, text="与问 18 不同")
    assert "由另一位审核员复核" in sent.text
    assert "提交申诉" not in sent.text

    second = await edge.as_user("moderator2")
    (appeal,) = (await second.get("/api/v1/appeals")).json()["items"]
    await second.post(f"/api/v1/appeals/{appeal['appeal']}/decide", json={"outcome": "reversed"})
    page = (await asker.get("/my")).text
    for words in ("已恢复公开", "规则 6：重复", "由另一位审核员复核，恢复公开", "两次处理都留有记录", "原处理已撤销"):
        assert words in page, words
    assert appeal["against"]["name"] not in page


async def test_what_was_typed_stays_when_the_appeal_is_refused(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    post = await asked(edge, asker, room, "几点开门？")
    page = await asker.post("/my/appeal", post=post, text="还没有被拒绝就申诉")
    assert page.status_code == 409
    stranger = await browser(edge).post("/my/appeal", post=post, text="不是我的")
    assert stranger.status_code in {401, 403}


async def test_not_reached_is_said_so_after_the_session(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    post = await asked(edge, asker, room, "几点开门？")
    moderator = await edge.as_user("moderator1")
    await moderator.post("/api/v1/queue/pull", json={"post": post})
    await moderator.post(f"/api/v1/posts/{post}/decide", json={"ver": 1, "verdict": "publish"})
    assert "本场没来得及答" not in (await asker.get("/my")).text
    await (await edge.as_user("host")).post(f"/api/v1/rooms/{room}/close", json={})
    assert "本场没来得及答" in (await asker.get("/my")).text


async def test_a_mute_is_told_with_its_end_and_its_appeal(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    await asked(edge, asker, room, "几点开门？")
    moderator = await edge.as_user("moderator1")
    (entry,) = (await moderator.get(f"/api/v1/rooms/{room}/queue")).json()["items"]
    body = {
        "user": entry["by"]["id"],
        "room": room,
        "until": edge.clock.now_ms() + 60_000,
        "reason": "请慢一点",
        "rule": 5,
    }
    assert (await moderator.post("/api/v1/sanctions", json=body)).status_code == 201
    page = (await asker.get("/my")).text
    assert "您被禁言至" in page
    assert "请慢一点" in page
    sanction = page.split('id="s-')[1].split('"')[0]
    assert "申诉已于" in (await asker.submit("/my/appeal", sanction=sanction, text="")).text


async def test_a_warning_is_seen_in_the_room_and_acknowledged_here(edge: Edge) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    await asked(edge, asker, room, "几点开门？")
    moderator = await edge.as_user("moderator1")
    (entry,) = (await moderator.get(f"/api/v1/rooms/{room}/queue")).json()["items"]
    until = edge.clock.now_ms() + 60_000
    body = {"user": entry["by"]["id"], "until": until, "reason": "请不要写电话", "rule": 3, "kind": "warn"}
    assert (await moderator.post("/api/v1/sanctions", json=body)).status_code == 201
    assert "请不要写电话" in (await asker.get(f"/rooms/{room}")).text
    page = (await asker.get("/my")).text
    sanction = page.split('id="s-')[1].split('"')[0]
    assert "我知道了" in page
    page = (await asker.submit("/my/acknowledge", sanction=sanction)).text
    assert "您已确认看到" in page
    assert "请不要写电话" not in (await asker.get(f"/rooms/{room}")).text


async def test_what_is_graver_than_a_mute_cites_a_rule_and_holds_everywhere(edge: Edge) -> None:
    moderator, room = await edge.as_user("moderator1"), (await edge.a_room())["id"]
    soon = edge.clock.now_ms() + 60_000
    for body, field in (
        ({"kind": "ban", "until": soon}, "rule"),
        ({"kind": "suspend", "until": soon, "rule": 5, "room": room}, "room"),
        ({"kind": "suspend", "until": soon + 91 * 86_400_000, "rule": 5}, "until"),
    ):
        answer = await moderator.post("/api/v1/sanctions", json={"user": "g:x", "reason": "请看规则", **body})
        assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize(
    ("kind", "asked_about", "lifted"),
    [
        ("warn", "申诉：提醒", "提醒已于"),
        ("mute", "申诉：禁言", "禁言已于"),
        ("suspend", "申诉：暂停参与", "暂停参与已于"),
        ("ban", "申诉：禁止参与", "禁止参与已于"),
    ],
)
async def test_each_step_is_named_where_it_is_judged_and_where_it_was_lifted(
    edge: Edge, kind: str, asked_about: str, lifted: str
) -> None:
    asker, room = browser(edge), (await edge.a_room())["id"]
    await asked(edge, asker, room, "几点开门？")
    moderator, second = await edge.as_user("moderator1"), await browser(edge).sign_in("moderator2")
    (entry,) = (await moderator.get(f"/api/v1/rooms/{room}/queue")).json()["items"]
    until = edge.clock.now_ms() + 60_000
    body = {"user": entry["by"]["id"], "until": until, "reason": "请慢一点", "rule": 5, "kind": kind}
    assert (await moderator.post("/api/v1/sanctions", json=body)).status_code == 201
    sanction = (await asker.get("/my")).text.split('id="s-')[1].split('"')[0]
    await asker.submit("/my/appeal", sanction=sanction, text="")
    cases = (await second.get("/moderation/cases")).text
    assert asked_about in cases
    appeal = cases.split('id="a-')[1].split('"')[0]
    await second.submit("/moderation/cases/appeal", appeal=appeal, outcome="reversed", note="")
    assert lifted in (await asker.get("/my")).text
