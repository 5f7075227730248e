"""Who writes from where is noted beside the posts: once an hour, in bounds, and forgotten in time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from kernel.clock import FrozenClock
from kernel.ids import SourceKey, UserId
from kernel.refusals import Refusal
from moderation import sightings as module
from moderation.sightings import AGAIN_MS, DAY_MS, FORGET_MS, Sighting, Sightings
from rooms.sanctions import Via
from tests.factories import guest

pytestmark = pytest.mark.anyio

WHO = replace(guest("1"), sources=(SourceKey("d:1"), SourceKey("a:1")))


class Notes:
    """A store that takes notes; `away` is what it answers instead."""

    def __init__(self) -> None:
        self.batches: list[list[Sighting]] = []
        self.forgotten: list[tuple[Mapping[Via, int], int]] = []
        self.away: Refusal | None = None
        self.noted = asyncio.Event()

    async def note_sightings(self, seen: Sequence[Sighting]) -> None:
        if self.away is not None:
            raise self.away
        self.batches.append(list(seen))
        self.noted.set()

    async def forget_sources(self, before: Mapping[Via, int], now: int) -> int:
        self.forgotten.append((before, now))
        return 1

    async def sources_of(self, user: UserId, since: int) -> Mapping[Via, module.Source]:
        raise NotImplementedError


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def store() -> Notes:
    return Notes()


@pytest.fixture
def sightings(store: Notes, clock: FrozenClock) -> Sightings:
    return Sightings(store, clock, device_days=30, address_days=7)


async def test_each_source_is_noted_once_an_hour(sightings: Sightings, store: Notes, clock: FrozenClock) -> None:
    began = clock.now_ms()
    for _ in range(3):
        sightings.note(WHO)
    await sightings.write()
    clock.advance(AGAIN_MS - 1)
    sightings.note(WHO)
    await sightings.write()
    clock.advance(1)
    sightings.note(WHO)
    await sightings.write()

    assert [[(one.source, one.via, one.at - began) for one in batch] for batch in store.batches] == [
        [("d:1", Via.DEVICE, 0), ("a:1", Via.ADDRESS, 0)],
        [("d:1", Via.DEVICE, AGAIN_MS), ("a:1", Via.ADDRESS, AGAIN_MS)],
    ]


async def test_who_has_no_source_leaves_no_note(sightings: Sightings, store: Notes) -> None:
    sightings.note(guest("2"))
    await sightings.write()
    assert store.batches == []


async def test_what_a_store_that_was_away_did_not_take_is_written_later(sightings: Sightings, store: Notes) -> None:
    store.away = Refusal("unavailable")
    sightings.note(WHO)
    with pytest.raises(Refusal):
        await sightings.write()
    store.away = None
    await sightings.write()
    assert len(store.batches) == 1


async def test_memory_and_writes_are_bounded(
    sightings: Sightings, store: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_MAX", 5)
    monkeypatch.setattr(module, "KNOWN_MAX", 3)
    monkeypatch.setattr(module, "AT_ONCE", 2)
    for number in range(9):
        sightings.note(replace(guest(str(number)), sources=(SourceKey("a:1"),)))
    assert len(sightings._known) == 3
    await sightings.write()
    assert [len(batch) for batch in store.batches] == [2, 2, 1]


async def test_what_is_old_is_forgotten_once_an_hour(sightings: Sightings, store: Notes, clock: FrozenClock) -> None:
    for waited in (0, FORGET_MS - 1, 1):
        clock.advance(waited)
        await sightings.forget()
    assert [now for _, now in store.forgotten] == [clock.now_ms() - FORGET_MS, clock.now_ms()]
    before, now = store.forgotten[0]
    assert before == {Via.DEVICE: now - 30 * DAY_MS, Via.ADDRESS: now - 7 * DAY_MS}


async def test_it_writes_by_itself_and_what_waits_at_the_end(
    sightings: Sightings, store: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WRITE_S", 0.001)
    sightings.start()
    sightings.note(WHO)
    await asyncio.wait_for(store.noted.wait(), 10)
    monkeypatch.setattr(module, "WRITE_S", 3600)
    sightings.note(replace(WHO, id=UserId("g:late")))
    await sightings.close()
    assert {one.user for batch in store.batches for one in batch} == {WHO.id, "g:late"}
