"""PostgreSQL and the lines to it fail under load: what was acknowledged stays, nothing is shown that is not stored."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.city import City
from tests.faults.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

SOME = 12
# Contract: posting is refused, and newcomers are told, within five seconds; a busy machine says it a little later.
TOLD_S = 5.0 + 1.0


async def test_killed_and_started_again(city: City) -> None:
    async with Town(city.bases) as town:
        await town.until_more(acked=SOME, published=SOME)
        await asyncio.to_thread(city.database.kill)
        await town.until_refused()
        await asyncio.to_thread(city.database.start)
        await town.until_more(acked=SOME, published=SOME)
        assert await town.judge(city.store_url) == []


async def test_frozen_beyond_every_lease(city: City) -> None:
    async with Town(city.bases) as town:
        await town.until_more(acked=SOME, published=SOME)
        city.database.freeze()
        try:
            refused, newcomer = await asyncio.gather(town.until_refused(), town.until_a_newcomer_is_refused())
        finally:
            city.database.thaw()
        assert refused < TOLD_S
        assert newcomer < TOLD_S
        await town.until_more(acked=SOME, published=SOME)
        assert await town.judge(city.store_url) == []


@pytest.mark.parametrize("stored", [True, False])
async def test_cut_in_the_middle_of_a_commit(city: City, stored: bool) -> None:
    """No answer is given for what was lost, and what was stored without one is there once when it is sent again."""
    async with Town(city.bases) as town:
        await town.until_more(acked=SOME, published=SOME)
        for line in city.lines:
            line.cut_commits(3, stored=stored)
        await town.until(lambda: all(line.counts[_cut(stored)] >= 3 for line in city.lines))
        await town.until_more(acked=SOME, published=SOME)
        assert await town.judge(city.store_url) == []


async def test_lines_that_are_slow_then_reset(city: City) -> None:
    async with Town(city.bases) as town:
        for line in city.lines:
            line.slow(latency_s=0.002)
        await town.until_more(acked=SOME, published=SOME)
        for line in city.lines:
            line.reset()
        await town.until_more(acked=SOME, published=SOME)
        city.heal()
        assert await town.judge(city.store_url) == []


async def test_a_line_half_open_for_ever(city: City) -> None:
    """The old connections of one node never answer again and never end; new ones work."""
    async with Town(city.bases) as town:
        await town.until_more(acked=SOME, published=SOME)
        city.lines[0].silence()
        assert await town.until_refused() < TOLD_S
        city.lines[0].speak()
        await town.until_more(acked=SOME, published=SOME)
        assert await town.judge(city.store_url) == []


async def test_a_disk_that_is_full(city: City) -> None:
    """PostgreSQL's own words for it; nothing is acknowledged, and all goes on when there is room again."""
    async with Town(city.bases) as town:
        await town.until_more(acked=SOME, published=SOME)
        city.run(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$",
            "CREATE TRIGGER full_disk BEFORE INSERT ON post_version EXECUTE FUNCTION full_disk()",
        )
        assert await town.until_refused() < TOLD_S
        city.run("DROP TRIGGER full_disk ON post_version", "DROP FUNCTION full_disk")
        await town.until_more(acked=SOME, published=SOME)
        assert await town.judge(city.store_url) == []


def _cut(stored: bool) -> str:
    return "commits cut after" if stored else "commits cut before"
