"""The database goes back in time under nodes that live on: a replica that lagged takes over, or a backup."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.city import City
from tests.faults.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

SOME = 12


async def test_numbers_that_may_repeat_belong_to_a_new_epoch(city: City) -> None:
    """What was acknowledged since is lost, and said to be: every client starts afresh."""
    async with Town(city.bases) as town:
        await town.until_more(acked=SOME, published=SOME)
        await asyncio.to_thread(city.replace_database, keep_as="wz_lagging")
        behind = town.history.now()
        await town.until_more(acked=SOME, published=SOME)
        await asyncio.to_thread(city.replace_database, by="wz_lagging")
        lost = (behind, town.history.now())
        await town.until_more(acked=SOME, published=SOME)
        assert await town.judge(city.store_url, lost=[lost], lease_s=None) == []
    lanes = [viewer.rooms[town.room].lanes["pub"] for viewer in town.viewers]
    assert all(lane.resets for lane in lanes)


async def test_a_replica_that_lagged_takes_over(city: City) -> None:
    """Killed and replaced, and nobody says so; what the replica had not got is lost, and said to be."""
    async with Town(city.bases) as town:
        await asyncio.to_thread(city.database.add_replica)
        await town.until_more(acked=SOME, published=SOME)
        behind = town.history.now()
        await asyncio.to_thread(city.database.cut_off_replica)
        await town.until_more(acked=SOME, published=SOME)
        await asyncio.to_thread(city.fail_over)
        lost = (behind, town.history.now())
        await town.until_more(acked=SOME, published=SOME)
        # What the loss took is reported, and it is all there is to report.
        assert "I1" in {found.rule for found in await town.judge(city.store_url, lease_s=None)}
        assert await town.judge(city.store_url, lost=[lost], lease_s=None) == []
    lanes = [viewer.rooms[town.room].lanes["pub"] for viewer in town.viewers]
    assert all(lane.resets for lane in lanes)
