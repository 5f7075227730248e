"""审核台账: linked from room and transcript, in numbers, the same for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.ids import RoomId
from tests.gateway.api.conftest import Edge
from tests.gateway.api.test_appeals import refused
from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.test_public import settled

pytestmark = pytest.mark.anyio


async def test_anybody_finds_it_and_it_holds_numbers_only(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    await refused(edge, room, "独一无二的话")
    await edge.published(room, "另一句话", "c2")
    for path in (f"/rooms/{room}", f"/rooms/{room}/transcript"):
        assert f"/rooms/{room}/ledger" in (await netizen.get(path)).text
    page = (await netizen.get(f"/rooms/{room}/ledger")).text
    numbers = (await (await edge.as_user("visitor")).get(f"/api/v1/rooms/{room}/ledger")).json()
    assert "规则 6：重复" in page
    assert (numbers["posts"]["refused"], numbers["refused_by"], numbers["unanswered"]) == (1, {"6": 1}, 1)
    for text in ("独一无二的话", "另一句话", "林小满", "moderator"):
        assert text not in page
        assert text not in str(numbers)
    assert (await netizen.get("/rooms/unknown/ledger")).status_code == 404


async def test_what_was_not_reached_is_said_so_on_the_record_of_the_room(edge: Edge, netizen: Browser) -> None:
    room = (await edge.a_room())["id"]
    await edge.published(room)
    assert "本场没来得及答" not in (await netizen.get(f"/rooms/{room}")).text
    await (await edge.as_user("host")).post(f"/api/v1/rooms/{room}/close", json={})
    await settled()
    assert "本场没来得及答" in (await netizen.get(f"/rooms/{room}")).text
    assert "本场没来得及答" in (await netizen.get(f"/rooms/{room}/ledger")).text


async def test_page_and_call_share_one_reading(edge: Edge, netizen: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    room, read, asked = (await edge.a_room())["id"], edge.store.ledger, []

    async def counted(of: RoomId) -> dict[str, Any]:
        asked.append(of)
        return await read(of)

    monkeypatch.setattr(edge.store, "ledger", counted)
    visitor = await edge.as_user("visitor")
    for _ in range(2):
        assert (await netizen.get(f"/rooms/{room}/ledger")).status_code == 200
        assert (await visitor.get(f"/api/v1/rooms/{room}/ledger")).status_code == 200
    assert asked == [room]


async def test_a_node_that_lost_the_store_tells_no_numbers(
    edge: Edge, netizen: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = (await edge.a_room())["id"]
    monkeypatch.setattr(edge.services.live, "stale", lambda: True)
    visitor = await edge.as_user("visitor")
    assert (await netizen.get(f"/rooms/{room}/ledger")).status_code == 503
    assert (await visitor.get(f"/api/v1/rooms/{room}/ledger")).status_code == 503
