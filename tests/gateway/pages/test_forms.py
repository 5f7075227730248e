"""Everything a plain form can do, for those who ask and for those who are signed in."""

from __future__ import annotations

import re

import pytest

from tests.gateway.api.conftest import Edge, MakeEdge
from tests.gateway.pages.conftest import Browser, browser

pytestmark = pytest.mark.anyio

POLICY = {"premoderate": "on", "guests": "on", "before": "on"}


async def test_asking_makes_a_guest_and_the_same_form_twice_makes_one_post(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    await netizen.submit(f"/rooms/{room}/ask", cid="f-1", body="末班车几点？", name="夜班族")
    page = await netizen.submit(f"/rooms/{room}/ask", cid="f-1", body="末班车几点？")
    assert page.text.count("末班车几点？") == 1
    moderator = await edge.as_user("moderator1")
    (post,) = (await moderator.get(f"/api/v1/rooms/{room}/queue?state=waiting")).json()["items"]
    assert post["by"]["name"] == "夜班族"


async def test_what_was_typed_survives_a_refusal(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    await (await edge.as_user("host")).post(f"/api/v1/rooms/{room}/pause", json={})
    page = await netizen.post(f"/rooms/{room}/ask", cid="f-1", body="写了很久的一段")
    assert page.status_code == 409
    assert "访谈暂停，这条没有提交" in page.text
    assert "写了很久的一段" in page.text


async def test_an_open_form_refused_shows_the_text_again(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    page = await netizen.post(f"/rooms/{room}/ask", cid="f-1", body="长" * 2001)
    assert page.status_code == 413
    assert "长" * 2001 in page.text
    assert "内容太长" in page.text


async def test_an_author_can_take_back_and_follow_up(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    await netizen.submit(f"/rooms/{room}/ask", cid="f-1", body="学生卡打几折？")
    moderator = await browser(edge).sign_in("moderator1")
    await decide_all(moderator, "publish")
    page = (await netizen.get(f"/rooms/{room}")).text
    assert "已公开（问 1）" in page
    post = re.findall(r'name="reply_to" value="(\w+)"', page)[0]
    page = (await netizen.submit(f"/rooms/{room}/ask", cid="f-2", body="寒暑假也能用吗？", reply_to=post)).text
    assert "寒暑假也能用吗？" in page
    waiting = re.findall(r'name="post" value="(\w+)">撤回', page)
    page = (await netizen.submit(f"/rooms/{room}/withdraw", post=waiting[0])).text
    assert "您已撤回" in page


async def test_a_vote_counts_once_for_each_browser(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    post = await edge.published(room)
    for _ in range(2):
        answer = await netizen.post(f"/rooms/{room}/vote", vote=f"{post}:1")
        assert answer.status_code == 303
        assert answer.headers["location"].endswith(f"#p-{post}")
    await browser(edge).post(f"/rooms/{room}/vote", vote=f"{post}:-1")
    threads = (await edge.client().get(f"/api/v1/rooms/{room}/questions")).json()["items"]
    assert threads[0]["tally"] == [1, 1]


async def test_a_foreign_page_cannot_send_our_forms(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    await netizen.submit(f"/rooms/{room}/ask", cid="f-1", body="起步价几元？")
    for origin in ("https://evil.example", "null"):
        headers = {"origin": origin, "accept": "text/html"}
        answer = await netizen.client.post(f"/rooms/{room}/ask", data={"cid": "f-2", "body": "x"}, headers=headers)
        assert answer.status_code == 403


async def test_demo_roles_are_one_click_and_only_in_a_demo(make_edge: MakeEdge) -> None:
    demo = await make_edge(demo=True)
    person = browser(demo)
    person.client.headers["host"] = "127.0.0.1:8000"
    assert 'value="moderator1"' in (await person.get("/signin")).text
    serious = await make_edge()
    assert 'value="moderator1"' not in (await browser(serious).get("/signin")).text
    assert (await browser(serious).post("/signin/demo", username="host")).status_code == 404


async def test_a_wrong_password_is_said_and_the_name_kept(edge: Edge, netizen: Browser) -> None:
    page = await netizen.post("/signin", username="price1", password="wrong")
    assert page.status_code == 401
    assert "账号或密码不对" in page.text
    assert 'value="price1"' in page.text


async def test_pages_of_staff_send_strangers_to_sign_in_and_back(edge: Edge, netizen: Browser) -> None:
    for path in ("/desk", "/moderation"):
        answer = await netizen.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/signin?next=%2F{path[1:]}"
    answer = await netizen.post("/signin", username="moderator1", password="wenzheng-demo", next="/moderation")
    assert answer.headers["location"] == "/moderation"
    assert (await netizen.get("/desk")).status_code == 403


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
async def test_signing_in_leads_nowhere_else(edge: Edge, netizen: Browser, elsewhere: str) -> None:
    answer = await netizen.post("/signin", username="host", password="wenzheng-demo", next=elsewhere)
    assert answer.headers["location"] == "/desk"


async def test_a_room_from_form_to_record(edge: Edge) -> None:
    """The host opens, invites and steers; a department sits down, answers and corrects; all of it by forms."""
    host = await browser(edge).sign_in("host")
    answer = await host.post("/desk/rooms", title="首条地铁线票价怎么定", departments="price", when="now", **POLICY)
    desk = answer.headers["location"]
    room = desk.rpartition("/")[2]
    page = (await host.post(f"{desk}/invitations", department="price")).text
    code = re.findall(r'<p class="code">(\w+)</p>', page)[0]

    price = await browser(edge).sign_in("price1")
    assert "已入座" in (await price.submit("/invitations", code=code)).text

    asker = browser(edge)
    await asker.submit(f"/rooms/{room}/ask", cid="f-1", body="起步价为什么是三元？")
    moderator = await browser(edge).sign_in("moderator1")
    await decide_all(moderator, "publish")

    page = (await price.get(desk)).text
    post = re.findall(r'name="reply_to" value="(\w+)"', page)[0]
    await price.submit(f"{desk}/reply", cid="r-1", reply_to=post, body="按测算下降约三成。")
    page = (await price.get(desk)).text
    own, ver = re.findall(r'name="post" value="(\w+)"><input type="hidden" name="ver" value="(\d+)"', page)[0]
    assert "更正已发布" in (await price.submit(f"{desk}/correct", post=own, ver=ver, body="按测算下降约两成。")).text
    await price.submit(f"{desk}/note", cid="n-1", body="后台说一句")
    await host.submit(f"{desk}/mark", post=post, do="stage")
    for verb in ("pause", "resume", "freeze", "thaw", "close"):
        assert "已更新访谈室状态" in (await host.submit(f"{desk}/steer", verb=verb)).text

    record = (await asker.get(f"/rooms/{room}/transcript")).text
    assert "按测算下降约两成。" in record
    assert "按测算下降约三成。" not in record
    assert "已更正" in record
    assert "后台说一句" not in record
    assert "公开 1 问，答复 1 条，隐去 0 处" in record.replace("\u00a0", " ")
    refused = await host.post(f"{desk}/steer", verb="pause")
    assert refused.status_code == 409
    assert "这一步现在不能做" in refused.text


async def test_a_link_of_an_invitation_seats_whoever_signs_in_by_it(edge: Edge) -> None:
    host = await browser(edge).sign_in("host")
    desk = (await host.post("/desk/rooms", title="换乘优惠", departments="metro", when="now")).headers["location"]
    page = (await host.post(f"{desk}/invitations", department="metro")).text
    secret = re.findall(r"/signin#invite=([\w-]+)", page)[0]
    metro = browser(edge)
    answer = await metro.post("/signin", username="metro1", password="wenzheng-demo", invite=secret)
    assert answer.headers["location"] == desk


async def test_a_refused_post_names_the_rule_to_its_author_alone(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    await netizen.submit(f"/rooms/{room}/ask", cid="f-1", body="某某路 12 号的王某")
    moderator = await browser(edge).sign_in("moderator1")
    await decide_all(moderator, "reject", "3")
    page = (await netizen.get(f"/rooms/{room}")).text
    assert "规则 3：含他人个人信息" in page
    assert "某某路 12 号的王某" in page
    assert "某某路 12 号的王某" not in (await browser(edge).get(f"/rooms/{room}")).text


async def test_moderators_do_not_meet(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    await netizen.submit(f"/rooms/{room}/ask", cid="f-1", body="谁来审这一条？")
    first, second = await browser(edge).sign_in("moderator1"), await browser(edge).sign_in("moderator2")
    assert "我手上 1" in (await first.submit("/moderation/pull")).text
    page = (await second.submit("/moderation/pull")).text
    assert "我手上 0" in page
    assert "队列里没有可取的" in page
    assert "同事在审" in page


async def decide_all(moderator: Browser, verdict: str, reason: str = "") -> None:
    page = (await moderator.submit("/moderation/pull")).text
    held = re.findall(r'name="post" value="(\w+)"><input type="hidden" name="ver" value="(\d+)"', page)
    assert held
    for post, ver in held:
        await moderator.submit("/moderation/decide", post=post, ver=ver, verdict=verdict, reason=reason)
