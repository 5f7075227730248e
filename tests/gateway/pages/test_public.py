"""What everybody can open: portal, room, transcript, in both languages, without an account."""

from __future__ import annotations

import re

import pytest

from tests.gateway.api.conftest import Edge, MakeEdge
from tests.gateway.pages.conftest import Browser, browser

pytestmark = pytest.mark.anyio


async def test_the_portal_lists_rooms_by_what_they_are(edge: Edge, netizen: Browser) -> None:
    # Given a live room, one that is announced and one that is over
    await edge.a_room(title="正在答的")
    await edge.a_room(title="明天的", open=False, starts_at=edge.clock.now_ms() + 86_400_000)
    over = await edge.a_room(title="答完的")
    await (await edge.as_user("host")).post(f"/api/v1/rooms/{over['id']}/close", json={})
    # When somebody opens the first page
    page = await netizen.get("/")
    # Then each stands where it belongs, and the departments are named
    assert page.status_code == 200
    live, rest = page.text.split('id="coming"')
    coming, past = rest.split('id="past"')
    assert "正在答的" in live
    assert "明天的" in coming
    assert "答完的" in past
    assert "市地铁公司" in page.text


async def test_titles_can_be_searched(edge: Edge, netizen: Browser) -> None:
    await edge.a_room(title="首条地铁线票价怎么定")
    found = (await netizen.get("/?q=地铁")).text
    assert "“地铁”的结果" in found
    nothing = (await netizen.get("/?q=<b>供暖</b>")).text
    assert "没有找到“&lt;b&gt;供暖&lt;/b&gt;”" in nothing


async def test_a_room_is_complete_without_script(edge: Edge, netizen: Browser) -> None:
    # Given a question and its answer
    room = (await edge.a_room())["id"]
    post = await edge.published(room, "一行\n两行 <script>alert(1)</script>")
    price = await edge.as_user("price1")
    answer = {"cid": "a1", "kind": "reply", "reply_to": post, "body": "按里程。"}
    assert (await price.post(f"/api/v1/rooms/{room}/posts", json=answer)).status_code == 200
    # When it is opened
    page = (await netizen.get(f"/rooms/{room}")).text
    # Then both stand there with their addresses, as text and nothing else
    assert f'id="p-{post}"' in page
    assert "一行\n两行 &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "按里程。" in page
    assert "市物价局" in page
    assert 'action="/rooms/' + room + '/ask"' in page


@pytest.mark.parametrize(
    "path", ["/", "/my", "/rooms/{room}/ledger", "/signin", "/rooms/{room}", "/rooms/{room}/transcript"]
)
async def test_pages_hold_no_inline_code_and_speak_the_readers_language(edge: Edge, path: str) -> None:
    room = (await edge.a_room())["id"]
    await edge.published(room)
    where = path.format(room=room)
    chinese = await browser(edge).get(where)
    english = await browser(edge).get(where, **{"accept-language": "en-GB"})
    assert '<html lang="zh-CN"' in chinese.text
    assert '<html lang="en"' in english.text
    for page in (chinese.text, english.text):
        assert not re.search(r'<script(?! type="application/ld\+json">)(?![^>]*\bsrc=)', page)
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)


async def test_a_chosen_language_and_size_are_remembered(edge: Edge, netizen: Browser) -> None:
    await netizen.get("/?lang=en&size=large")
    page = (await netizen.get("/")).text
    assert '<html lang="en" data-size="large"' in page


async def test_what_readers_share_has_nothing_personal(edge: Edge) -> None:
    # Given somebody with a question of their own in the room
    room = (await edge.a_room())["id"]
    await edge.published(room)
    asker, stranger = browser(edge), browser(edge)
    await asker.submit(f"/rooms/{room}/ask", cid="x", body="我自己的一问，还在审")
    # When both read the room
    streams = [stream_of((await one.get(f"/rooms/{room}")).text) for one in (asker, stranger)]
    # Then the threads are the same bytes
    assert streams[0] == streams[1]


async def test_hidden_means_hidden_with_its_number_kept(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    post = await edge.published(room, "带着住址的一问")
    assert "带着住址的一问" in (await netizen.get(f"/rooms/{room}")).text
    moderator = await browser(edge).sign_in("moderator1")
    await moderator.submit("/moderation/redact", post=post, reason="3", room=room)
    await settled()
    for path in (f"/rooms/{room}", f"/rooms/{room}/transcript", "/", f"/moderation?room={room}"):
        page = (await moderator.get(path)).text
        assert "带着住址的一问" not in page, path
    page = (await netizen.get(f"/rooms/{room}")).text
    assert f'id="p-{post}"' in page
    assert "已隐去，编号保留" in page
    await moderator.submit("/moderation/restore", post=post, room=room)
    await settled()
    assert "带着住址的一问" in (await netizen.get(f"/rooms/{room}")).text


async def test_an_undecided_question_is_shown_to_its_author_only(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    asker, stranger = browser(edge), browser(edge)
    page = await asker.submit(f"/rooms/{room}/ask", cid="x", body="谁来公布测算表？")
    assert "收到了，正在审核" in page.text
    assert "谁来公布测算表？" in page.text
    assert "待审，前面还有 0 条" in page.text
    for path in (f"/rooms/{room}", f"/rooms/{room}/transcript", "/"):
        assert "谁来公布测算表？" not in (await stranger.get(path)).text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [("/nowhere", 404, "没有找到这一页"), ("/rooms/unknown", 404, "没有找到这个访谈室")],
)
async def test_what_is_not_there_is_said_in_a_page(netizen: Browser, path: str, status: int, words: str) -> None:
    page = await netizen.get(path)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert words in page.text


async def test_who_has_no_business_there_is_told_what_to_do(edge: Edge) -> None:
    page = await (await browser(edge).sign_in("price1")).get("/moderation")
    assert page.status_code == 403
    assert "没有权限" in page.text
    assert "退出后换一个账号登录" in page.text


async def test_a_node_cut_off_from_the_store_says_so(make_edge: MakeEdge) -> None:
    edge = await make_edge()
    room = (await edge.a_room())["id"]
    edge.services.live = Stale()
    page = await browser(edge).get(f"/rooms/{room}")
    assert page.status_code == 503
    assert "暂时不能服务" in page.text
    assert "暂时读不出来" in page.text
    assert "没有提交成功" not in page.text, "who reads has sent nothing"
    assert page.headers["retry-after"]


async def test_older_threads_have_a_page_of_their_own(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    first = await edge.published(room, "最早的一问", "c1")
    second = await edge.published(room, "后来的一问", "c2")
    events = (await edge.client().get(f"/api/v1/rooms/{room}/events?lane=pub")).json()["items"]
    seq = next(item["s"] for item in events if item["id"] == second)
    page = (await netizen.get(f"/rooms/{room}?before={seq}")).text
    assert f'id="p-{first}"' in page
    assert f'id="p-{second}"' not in page


class Stale:
    def viewers(self, room: str) -> int:
        return 0

    def stands(self, room: str) -> None:
        return None

    def on_duty(self, room: str) -> bool:
        return True

    def stale(self) -> bool:
        return True


def stream_of(page: str) -> str:
    return page.split('id="stream"')[1].split("</main>", maxsplit=1)[0]


async def settled() -> None:
    """Lets the shared reads of pages grow old: they may be a quarter of a second behind, and no more."""
    import asyncio

    from gateway.shared import FRESH_S

    loop = asyncio.get_running_loop()
    until = loop.time() + FRESH_S
    while loop.time() < until:
        await asyncio.sleep(0.01)
