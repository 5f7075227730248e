"""Two real nodes share who watches, who is at the desk and what is allowed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx2
import pytest

from tests.client import Frame, Live, sign_in
from tests.faults.city import City

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

GUESTS_PER_MINUTE = 300
ALONE = "allowances_alone_total"


class Watching(Live):
    """Keeps the newest of what has no number."""

    def __init__(self, base: str, token: str | None = None) -> None:
        super().__init__(base, token=token)
        self.newest: dict[str, Frame] = {}

    def _take(self, frame: Frame) -> None:
        self.newest[frame["t"]] = frame
        super()._take(frame)

    async def beat(self, viewers: int, *, duty: bool) -> Frame:
        """The heartbeat that says so."""
        await self.until(lambda: (beat := self.newest.get("hb")) is not None and _said(beat) == (viewers, duty))
        return self.newest["hb"]


def _said(beat: Frame) -> tuple[int, bool]:
    return beat["viewers"], beat["duty"]


@pytest.fixture
async def room(city: City) -> AsyncIterator[str]:
    host = await sign_in(city.bases[0], "host")
    made = await host.post("/rooms", {"title": "分处两地", "departments": ["price"], "open": True})
    yield made["id"]
    await host.close()


async def test_both_nodes_show_who_is_where(city: City, room: str) -> None:
    async with AsyncExitStack() as stack:

        async def enter(node: int, *lanes: str, staff: str | None = None) -> Watching:
            api = None if staff is None else await sign_in(city.bases[node], staff)
            if api is not None:
                stack.push_async_callback(api.close)
            live = Watching(city.bases[node], api.token if api is not None else None)
            await stack.enter_async_context(live)
            await live.join(room, *lanes)
            return live

        near, far = await enter(0), await enter(1)
        writer = await enter(0, "pub", "desk", staff="price1")
        await writer.ask("presence", room=room, doing="idle")
        colleague = await enter(1, "pub", "desk", staff="price2")
        await colleague.until(lambda: "presence" in colleague.newest)
        assert [one["dept"] for one in colleague.newest["presence"]["x"]] == ["price"]
        await enter(1, "pub", "mod", staff="moderator1")
        for viewer in (near, far):
            assert (await viewer.beat(5, duty=True))["approx"]
        assert [_measure(base, "presence_nodes") for base in city.bases] == [2, 2]


async def test_one_address_asks_both_nodes_for_no_more_than_is_allowed(city: City) -> None:
    """Where a busy machine made a node wait for Redis in vain, it let somebody through out of its share: it says so."""
    city.redis.run("FLUSHALL")
    try:
        began, alone = time.monotonic(), sum(_measure(base, ALONE) for base in city.bases)
        async with httpx2.AsyncClient(trust_env=False, timeout=30) as client:

            async def ask(n: int) -> int:
                return (await client.post(f"{city.bases[n % 2]}/api/v1/guests", json={})).status_code

            answers: list[int] = []
            for _ in range(20):
                answers += await asyncio.gather(*(ask(n) for n in range(20)))
        dripped = (time.monotonic() - began) * GUESTS_PER_MINUTE / 60
        alone = sum(_measure(base, ALONE) for base in city.bases) - alone
        assert set(answers) == {201, 429}
        assert GUESTS_PER_MINUTE - alone <= answers.count(201) <= GUESTS_PER_MINUTE + dripped + 1 + alone
        assert alone < len(answers) - GUESTS_PER_MINUTE, "most were counted together"
    finally:
        city.redis.run("FLUSHALL")


def _measure(base: str, name: str) -> float:
    told = httpx2.get(f"{base}/metrics", trust_env=False).text
    return float(re.findall(rf"^wenzheng_{name} (\S+)$", told, re.MULTILINE)[0])
