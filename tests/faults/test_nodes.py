"""A node fails under load and the others go on: nobody loses anything, and one verdict is one verdict."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.city import City
from tests.faults.town import LEASE_S, Town

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

SOME = 12
HOUR_MS = 3_600_000


async def test_killed_and_started_again(city: City) -> None:
    async with Town(city.bases) as town:
        await town.until_more(acked=SOME, published=SOME)
        await asyncio.to_thread(city.nodes[1].kill)
        await town.until_more(acked=SOME, published=SOME)
        await asyncio.to_thread(city.nodes[1].start)
        await town.until_more(acked=SOME, published=SOME)
        assert await town.judge(city.store_url) == []


async def test_frozen_beyond_the_lease(city: City) -> None:
    """Moderators who hang on it lose their leases; what they decided in the meantime counts for nothing."""
    async with Town(city.bases) as town:
        await town.until_more(acked=SOME, published=SOME)
        city.nodes[1].freeze()
        try:
            begun = town.history.now()
            await town.until_more(acked=SOME, published=SOME)
            await town.until(lambda: town.history.now() - begun > LEASE_S * 1.5)
        finally:
            city.nodes[1].thaw()
        await town.until_more(acked=SOME, published=SOME)
        assert await town.judge(city.store_url) == []


async def test_clocks_an_hour_apart_and_jumping(city: City) -> None:
    """Leases come and go too early then; verdicts, order and resends do not hang on any clock."""
    async with Town(city.bases) as town:
        for ahead_ms in (HOUR_MS, -HOUR_MS, 0):
            city.set_clock(1, ahead_ms)
            await town.until_more(acked=SOME, published=SOME)
        assert await town.judge(city.store_url, lease_s=None) == []
