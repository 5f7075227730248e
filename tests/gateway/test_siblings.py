"""One scrape for all workers of a machine: labelled, merged, and late for nobody."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families

from gateway import siblings
from gateway.siblings import Siblings, packed, unpacked

pytestmark = pytest.mark.anyio

SLOTS = 3


def counted(posts: int) -> CollectorRegistry:
    registry = CollectorRegistry()
    Counter("posts", "posts", ("kind",), registry=registry).labels("question").inc(posts)
    Histogram("seconds", "seconds", buckets=(0.1, 1.0), registry=registry).observe(0.5)
    return registry


async def serves(one: Siblings, own: Callable[[], Iterable[Metric]]) -> None:
    await one.start(own)
    one.take_over()


def told(text: bytes) -> dict[tuple[str, str], float]:
    """By name and worker."""
    families = text_string_to_metric_families(text.decode())
    return {(s.name, s.labels["worker"]): s.value for one in families for s in one.samples if "le" not in s.labels}


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Callable[[int, int], Siblings]]:
    """Makes them; `await one.start(...)` is the test's."""
    made: list[Siblings] = []

    def make(slot: int, slots: int = SLOTS) -> Siblings:
        made.append(Siblings(tmp_path, slot, slots))
        return made[-1]

    yield make
    for one in made:
        one.close()


async def test_any_worker_answers_for_all(worker: Callable[[int], Siblings]) -> None:
    workers = [worker(slot) for slot in range(SLOTS)]
    for slot, one in enumerate(workers):
        await serves(one, counted(slot + 10).collect)

    for one in workers:
        text = await one.text()
        assert text.count(b"# TYPE posts_total counter") == 1
        numbers = told(text)
        assert [numbers["posts_total", who] for who in "123"] == [10, 11, 12]
        assert [numbers["seconds_count", who] for who in "123"] == [1, 1, 1]
        assert [numbers["wenzheng_worker_up", who] for who in "123"] == [1, 1, 1]


async def test_one_who_is_gone_and_one_who_hangs_are_shown_as_down(
    worker: Callable[[int], Siblings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(siblings, "ANSWER_S", 0.05)
    alive = worker(0)
    await serves(alive, counted(1).collect)
    # The second was never there; the third's socket takes the connection, and that is all.
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(str(tmp_path / "2"))
        hanging.listen()
        numbers = told(await alive.text())

    assert [numbers["wenzheng_worker_up", who] for who in "123"] == [1, 0, 0]
    assert numbers["posts_total", "1"] == 1
    assert ("posts_total", "2") not in numbers


@pytest.mark.parametrize(
    "answer", [b"", b"\x00\x00", b"\x00\x00\x00\x02no", b"\xff\xff\xff\xff" + b"x" * 100, b"\x00\x00\x00\x05\x93\x01"]
)
async def test_an_answer_that_is_none_is_no_harm(
    worker: Callable[..., Siblings], tmp_path: Path, answer: bytes
) -> None:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    alive = worker(0, slots=2)
    await serves(alive, counted(1).collect)
    async with await asyncio.start_unix_server(speak, tmp_path / "1"):
        numbers = told(await alive.text())

    assert (numbers["wenzheng_worker_up", "1"], numbers["wenzheng_worker_up", "2"]) == (1, 0)


async def test_a_replacement_answers_instead_of_the_one_before(worker: Callable[[int], Siblings]) -> None:
    asked, before, after = worker(0), worker(1), worker(1)
    await serves(asked, counted(0).collect)
    await serves(before, counted(5).collect)
    await after.start(counted(6).collect)
    assert told(await asked.text())["posts_total", "2"] == 5
    after.take_over()
    before.close()

    assert told(await asked.text())["posts_total", "2"] == 6


async def test_scrapes_at_the_same_time_share_one_round(worker: Callable[[int], Siblings]) -> None:
    asked, other = worker(0), worker(1)
    rounds = 0

    def collect() -> Iterable[Metric]:
        nonlocal rounds
        rounds += 1
        return [GaugeMetricFamily("x", "x", value=1.0)]

    await serves(asked, counted(0).collect)
    await serves(other, collect)
    texts = await asyncio.gather(*(asked.text() for _ in range(20)))

    assert rounds == 1
    assert len(set(texts)) == 1


async def test_a_folder_that_cannot_be_used_costs_the_numbers_and_not_the_worker(tmp_path: Path) -> None:
    alone = Siblings(tmp_path / "none", 0, 2)
    await serves(alone, counted(3).collect)

    assert told(await alone.text())["posts_total", "1"] == 3
    alone.close()


async def test_a_folder_that_has_gone_costs_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    alone = Siblings(folder, 0, 2)
    await alone.start(counted(3).collect)
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()
    alone.take_over()

    assert told(await alone.text())["posts_total", "1"] == 3
    alone.close()


def test_numbers_that_are_none_travel_too() -> None:
    family = GaugeMetricFamily("x", "x", labels=("of",))
    family.add_metric(("a",), math.inf)
    family.add_metric(("b",), math.nan)

    (back,) = unpacked(packed([family]))

    assert back.samples[0].value == math.inf
    assert math.isnan(back.samples[1].value)
