"""A page that is made once for all visitors, while nothing has changed, and for nobody who is known by anything."""

from __future__ import annotations

from collections import Counter

import pytest

from kernel.ids import RoomId
from rooms.model import Room
from rooms.ports import Head
from tests.gateway.api.conftest import Edge, MakeEdge, Quiet
from tests.gateway.pages.conftest import browser

pytestmark = pytest.mark.anyio


class Followed(Quiet):
    """A live room that this node follows, and that moves when it is told to."""

    seq = 1

    def stands(self, room: RoomId) -> Head | None:
        return Head("epoch", self.seq)


@pytest.fixture
async def edge(make_edge: MakeEdge, monkeypatch: pytest.MonkeyPatch) -> Edge:
    """Where a page is fresh for as long as a busy machine may take to ask for it twice."""
    monkeypatch.setattr("gateway.pages.alike.FRESH_S", 60.0)
    return await make_edge()


@pytest.fixture
def followed(edge: Edge) -> Followed:
    edge.services.live = live = Followed()
    return live


@pytest.fixture
def made(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> Counter[RoomId]:
    """How often the page of each room was made."""
    times: Counter[RoomId] = Counter()
    real = edge.services.rooms.get

    async def counted(room: RoomId) -> Room:
        times[room] += 1
        return await real(room)

    monkeypatch.setattr(edge.services.rooms, "get", counted)
    return times


async def test_visitors_who_come_together_get_one_page(edge: Edge, followed: Followed, made: Counter[RoomId]) -> None:
    room = (await edge.a_room(title="同一页"))["id"]
    made.clear()
    first, second = [await browser(edge).get(f"/rooms/{room}") for _ in range(2)]
    assert "同一页" in first.text
    assert second.content == first.content
    assert second.headers.multi_items() == first.headers.multi_items(), "nothing is added twice"
    assert made[room] == 1


async def test_once_the_room_has_moved_the_page_is_made_anew(
    edge: Edge, followed: Followed, made: Counter[RoomId]
) -> None:
    room = (await edge.a_room())["id"]
    made.clear()
    await browser(edge).get(f"/rooms/{room}")
    followed.seq += 1
    await browser(edge).get(f"/rooms/{room}")
    assert made[room] == 2


async def test_a_room_that_nobody_follows_here_is_read_each_time(edge: Edge, made: Counter[RoomId]) -> None:
    room = (await edge.a_room())["id"]
    made.clear()
    for _ in range(2):
        await browser(edge).get(f"/rooms/{room}")
    assert made[room] == 2


async def test_each_language_and_each_look_has_its_own(edge: Edge, followed: Followed, made: Counter[RoomId]) -> None:
    room = (await edge.a_room())["id"]
    chinese = await browser(edge).get(f"/rooms/{room}", **{"accept-language": "zh-CN"})
    english = await browser(edge).get(f"/rooms/{room}", **{"accept-language": "en"})
    assert (chinese.headers["content-language"], english.headers["content-language"]) == ("zh-CN", "en")
    chosen = await browser(edge).get(f"/rooms/{room}?theme=dark")
    assert "wz_theme=dark" in chosen.headers["set-cookie"], "what was chosen is remembered for whoever chose it"
    after = await browser(edge).get(f"/rooms/{room}")
    assert "set-cookie" not in after.headers


async def test_whoever_asked_sees_their_own_question_and_nobody_else_does(edge: Edge, followed: Followed) -> None:
    room = (await edge.a_room())["id"]
    stranger = browser(edge)
    await stranger.get(f"/rooms/{room}")
    page = await browser(edge).submit(f"/rooms/{room}/ask", cid="x", body="谁来公布测算表？")
    assert "谁来公布测算表？" in page.text
    assert "谁来公布测算表？" not in (await stranger.get(f"/rooms/{room}")).text
