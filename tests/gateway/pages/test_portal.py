"""首页: search over all sessions, the calendar, the sums with their terms, and what the footer says."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, cast

import pytest

from gateway.options import Site
from gateway.pages import days
from gateway.pages.figures import KeptFigures
from kernel.ids import RoomId
from rooms.overview import Figures, Overview
from tests.gateway.api.conftest import Edge, MakeEdge
from tests.gateway.pages.conftest import Browser, browser

pytestmark = pytest.mark.anyio
DAY = 86_400_000


async def answer(edge: Edge, room: str, post: str, body: str = "按里程。") -> None:
    price = await edge.as_user("price1")
    said = {"cid": f"a-{post}", "kind": "reply", "reply_to": post, "body": body}
    assert (await price.post(f"/api/v1/rooms/{room}/posts", json=said)).status_code == 200


def section(page: Any, name: str) -> str:
    return str(page.text.split(f'id="{name}"')[1].split("</section>")[0])


async def test_two_chinese_characters_find_a_session_of_any_state(edge: Edge, netizen: Browser) -> None:
    await edge.a_room(title="首条地铁线票价怎么定")
    await edge.a_room(title="地铁口的共享单车", open=False)
    await edge.a_room(title="供暖不热找谁")
    page = await netizen.get("/?q=地铁")
    assert "“地铁”的结果，2 场" in page.text
    found = section(page, "found")
    assert "首条地铁线票价怎么定" in found
    assert "地铁口的共享单车" in found
    assert "供暖" not in found


async def test_departments_lead_to_their_sessions(edge: Edge, netizen: Browser) -> None:
    await edge.a_room(title="铁和价", departments=["metro", "price"])
    await edge.a_room(title="只有价")
    page = await netizen.get("/")
    assert 'href="/?department=metro#found"' in section(page, "departments")
    assert "1 场" in section(page, "departments").split("市地铁公司")[1]
    found = section(await netizen.get("/?department=metro"), "found")
    assert "“市地铁公司”的结果，1 场" in found
    assert "只有价" not in found
    both = section(await netizen.get("/?department=metro&q=铁"), "found")
    assert "“铁 · 市地铁公司”的结果，1 场" in both


@pytest.mark.parametrize(
    "query",
    ["department=<b>", "department=%00", "q=%00", "q=%ED%A0%80", "q=%25", "day=2015-02-30", "day=x", "month=9999-99"],
)
async def test_no_address_breaks_the_page(edge: Edge, netizen: Browser, query: str) -> None:
    await edge.a_room()
    page = await netizen.get(f"/?{query}")
    assert page.status_code == 200
    assert "<b>”" not in page.text


async def test_the_calendar_shows_the_week_and_a_day_its_sessions(edge: Edge, netizen: Browser) -> None:
    # Given today's session and one in three days, in the city's time
    now = edge.clock.now_ms()
    await edge.a_room(title="今天的")
    await edge.a_room(title="三天后的", open=False, starts_at=now + 3 * DAY)
    today, then = days.city_day(now), days.city_day(now + 3 * DAY)
    # When the page is opened, then the week has seven days and today its count
    strip = section(await netizen.get("/"), "calendar")
    assert strip.count("<b>") == 7
    assert 'class="today "' in strip
    assert f"day={today}" in strip
    # And a day shows what is on it, in the week where it lies
    page = await netizen.get(f"/?day={then}")
    found = section(page, "found")
    assert "三天后的" in found
    assert "今天的" not in found
    assert f"/?day={then}" in section(page, "calendar").split('aria-current="date"')[0].rpartition("<a ")[2]


async def test_a_month_has_whole_weeks(edge: Edge, netizen: Browser) -> None:
    await edge.a_room()
    strip = section(await netizen.get("/?month=2015-11&q=地铁"), "calendar")
    assert strip.count("<b>") == 42
    assert "2015年11月" in strip
    assert "month=2015-10" in strip
    assert "month=2015-12" in strip
    assert "q=%E5%9C%B0%E9%93%81" in strip


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        (date(2015, 11, 1), date(2015, 10, 26), date(2015, 12, 6)),
        (date(2016, 2, 1), date(2016, 2, 1), date(2016, 3, 6)),
        (date(2015, 12, 1), date(2015, 11, 30), date(2016, 1, 3)),
    ],
)
def test_the_weeks_of_a_month(month: date, first: date, last: date) -> None:
    span = days.weeks_of(month)
    assert (span.first, span.last) == (first, last)
    assert span.first.weekday() == 0


def test_a_day_begins_at_the_citys_midnight() -> None:
    assert days.start_of(date(2015, 11, 18)) == 1_447_776_000_000
    assert days.city_day(1_447_776_000_000) == date(2015, 11, 18)
    assert days.city_day(1_447_775_999_999) == date(2015, 11, 17)


async def test_sums_stand_beside_their_terms(edge: Edge, netizen: Browser) -> None:
    # Given three published questions, two of them answered, one still waiting for review
    room = (await edge.a_room())["id"]
    posts = [await edge.published(room, f"第 {n} 问", f"c{n}") for n in range(3)]
    for post in posts[:2]:
        await answer(edge, room, post)
    await edge.a_question(room, "还在审", "c9")
    # When the first page is opened, then the rate shows what was divided by what, in words too
    figures = section(await netizen.get("/"), "figures")
    assert "66.6%" in figures
    assert "2 ÷ 3，已答提问除以公开提问" in figures
    assert "审核后公开，现在看得到" in figures
    assert "答复 2 / 3 问" in section(await netizen.get("/"), "live")


async def test_a_rooms_figures_are_read_once_for_all_lists_it_stands_in() -> None:
    asked: list[list[str]] = []

    class Counting:
        async def room_figures(self, rooms: list[RoomId]) -> dict[RoomId, Figures]:
            asked.append(list(rooms))
            return {RoomId("a"): Figures(2, 1)}

    figures = KeptFigures(cast("Overview", Counting()))
    assert await figures.of([RoomId("a"), RoomId("b"), RoomId("a")]) == {"a": Figures(2, 1), "b": Figures()}
    assert await figures.of([RoomId("b"), RoomId("c")]) == {"b": Figures(), "c": Figures()}
    assert asked == [["a", "b"], ["c"]]


async def test_without_questions_no_rate_is_invented(netizen: Browser) -> None:
    figures = section(await netizen.get("/"), "figures")
    assert "%" not in figures
    assert "还没有公开的提问" in figures


async def test_the_question_on_stage_stands_on_the_first_page(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room(departments=["price", "metro"], lead="price"))["id"]
    post = await edge.published(room, "台上这一问")
    host = await edge.as_user("host")
    assert (await host.post(f"/api/v1/posts/{post}/stage", json={"on": True})).status_code == 200
    live = section(await netizen.get("/"), "live")
    assert "台上这一问" in live
    assert "市物价局主答" in live


async def test_what_begins_today_says_so(edge: Edge, netizen: Browser) -> None:
    await edge.a_room(title="今天的一场", open=False, starts_at=edge.clock.now_ms())
    await edge.a_room(title="明天的一场", open=False, starts_at=edge.clock.now_ms() + DAY)
    days = re.findall(r"<small>(.+?)</small>", section(await netizen.get("/"), "coming"))
    assert days[0] == "今天"
    assert re.fullmatch(r"\d+月\d+日", days[1])


async def test_a_coming_session_goes_into_the_readers_calendar(edge: Edge, netizen: Browser) -> None:
    starts = edge.clock.now_ms() + DAY
    room = await edge.a_room(title="冬季供暖", open=False, starts_at=starts)
    assert f'href="/rooms/{room["id"]}/calendar.ics"' in section(await netizen.get("/"), "coming")
    undated = await edge.a_room(title="待定", open=False)
    assert (await netizen.get(f"/rooms/{undated['id']}/calendar.ics")).status_code == 404
    file = await netizen.get(f"/rooms/{room['id']}/calendar.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:冬季供暖\r\n" in file.text


async def test_the_footer_says_who_runs_the_site(make_edge: MakeEdge) -> None:
    site = Site(operator="岚城市人民政府", filing_number="岚ICP备15000001号", contact="<12345>")
    page = (await browser(await make_edge(site=site)).get("/")).text
    foot = page.split("<footer")[1]
    for said in ("主办：岚城市人民政府", "岚ICP备15000001号", "联系：&lt;12345&gt;"):
        assert said in foot


async def test_the_first_page_can_be_found_and_shared(make_edge: MakeEdge) -> None:
    page = (await browser(await make_edge(public_origin="https://wz.example.org")).get("/")).text
    assert '<link rel="canonical" href="https://wz.example.org/">' in page
    assert '<meta property="og:url" content="https://wz.example.org/">' in page
    assert '<meta name="description" content="有事问部门' in page
