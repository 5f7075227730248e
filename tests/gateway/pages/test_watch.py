"""值守总览: who may see it, what stands first, and that it holds figures only."""

from __future__ import annotations

import pytest

from gateway.pages.watch import spark
from moderation.queue_health import BACKLOG_LINE, MINUTE_MS
from tests.gateway.api.conftest import Edge
from tests.gateway.pages.conftest import browser
from tests.gateway.pages.test_my import asked

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator1", 200), ("admin", 200), ("host", 200), ("moderator1", 200), ("inspector1", 403), ("price1", 403)],
)
async def test_each_role_by_the_table(edge: Edge, who: str, status: int) -> None:
    assert (await (await browser(edge).sign_in(who)).get("/watch")).status_code == status


async def test_a_room_whose_queue_nobody_is_at_stands_first(edge: Edge) -> None:
    calm, waiting = await edge.a_room(title="没事的一场"), await edge.a_room(title="没人审的一场")
    await edge.a_room(title="还没开播的一场", open=False)
    await asked(edge, browser(edge), waiting["id"], "独一无二的话")
    coordinator = await browser(edge).sign_in("coordinator1")
    before = (await coordinator.get("/watch")).text
    assert "有提问在等，没有审核员在岗" not in before
    edge.clock.advance(MINUTE_MS)
    page = (await coordinator.get("/watch")).text
    assert page.count("有提问在等，没有审核员在岗") > 1
    assert page.index(f'id="w-{waiting["id"]}"') < page.index(f'id="w-{calm["id"]}"')
    assert 'href="/watch" aria-current="page"' in page
    assert "还没开播的一场" not in page
    for text in ("独一无二的话", "林小满"):
        assert text not in page


async def test_who_is_on_duty_and_what_is_closed_is_told(edge: Edge) -> None:
    room = await edge.a_room()
    moderator = await edge.as_user("moderator1")
    assert (await moderator.post("/api/v1/shift", json={"state": "on"})).status_code < 300
    until = edge.clock.now_ms() + 10 * MINUTE_MS
    frozen = await moderator.patch(f"/api/v1/rooms/{room['id']}", json={"freeze": True, "until": until})
    assert frozen.status_code == 200
    coordinator = await browser(edge).sign_in("coordinator1")
    page = (await coordinator.get("/watch")).text
    assert "1 人在岗" in page
    assert "冻结：不收新提问" in page
    # What ran out is open again, whether or not a node has said so.
    edge.clock.advance(11 * MINUTE_MS)
    assert "冻结：不收新提问" not in (await coordinator.get("/watch")).text


async def test_a_node_that_lost_the_store_shows_no_figures(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    coordinator = await browser(edge).sign_in("coordinator1")
    monkeypatch.setattr(edge.services.live, "stale", lambda: True)
    assert (await coordinator.get("/watch")).status_code == 503


def test_a_curve_shows_its_limit_only_where_it_is_near() -> None:
    low, high = spark([0, 1, 2]), spark([0, BACKLOG_LINE])
    assert (low.limit, low.most, low.path) == (None, 2, "M0 28L55 15L110 2")
    assert (high.limit, high.most) == (2, BACKLOG_LINE)
