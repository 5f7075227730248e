"""Sanctions by device and address, and from where guests wrote: on both databases, between two nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, select

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, RoomId, SourceKey, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.appeal_commands import Appeal, AppealMade, DecideAppeal
from moderation.commands import LiftSanction, Sanction
from moderation.report_commands import Report
from moderation.sightings import Sighting, Source, via_of
from persistence import loading_people
from persistence.schema import sanction
from persistence.schema_redress import sighting
from persistence.store import Store
from rooms.appeals import AppealState
from rooms.commands import Vote
from rooms.sanctions import SanctionKind, Via
from tests.factories import MODERATOR, MODERATOR_2, PRICE, guest, live_room, posted

pytestmark = pytest.mark.anyio

HOUR, DAY = 3_600_000, 86_400_000
DEVICE, ADDRESS = SourceKey("d:1"), SourceKey("a:1")
FIRST = replace(guest("1"), sources=(DEVICE, ADDRESS))
AGAIN = replace(guest("2"), sources=(DEVICE, SourceKey("a:2")))
BESIDE = replace(guest("3"), sources=(SourceKey("d:3"), ADDRESS))


def _id(actor: Actor) -> UserId:
    return UserId(str(actor.id))


async def set_by(
    store: Store, clock: FrozenClock, ids: CountingIds, source: SourceKey, kind: SanctionKind = SanctionKind.MUTE
) -> str:
    number, now = ids(), clock.now_ms()
    made = Sanction(number, _id(FIRST), None, now + HOUR, "请看规则", 5, MODERATOR, now, kind, via_of(source), source)
    await store.commit(made)
    return number


async def refused_to(store: Store, room: RoomId, clock: FrozenClock, ids: CountingIds, who: Actor) -> str | None:
    try:
        await posted(store, room, clock, ids, by=who)
    except Refusal as refusal:
        return refusal.code.name
    return None


async def test_the_very_next_post_from_there_is_refused_at_the_other_node(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = (await live_room(store, clock, ids)).id
    for source, stopped, free in ((DEVICE, AGAIN, BESIDE), (ADDRESS, BESIDE, AGAIN)):
        code = f"{via_of(source).value}_stopped"
        await set_by(store, clock, ids, source)
        assert await refused_to(other, room, clock, ids, stopped) == code
        assert await refused_to(other, room, clock, ids, FIRST) == code
        assert await refused_to(other, room, clock, ids, free) is None
        await store.commit(LiftSanction(_id(FIRST), None, MODERATOR, clock.now_ms()))
        assert await refused_to(other, room, clock, ids, stopped) is None
    await set_by(store, clock, ids, ADDRESS)
    clock.advance(HOUR)
    assert await refused_to(other, room, clock, ids, BESIDE) is None


async def test_votes_and_reports_from_there_are_refused_too(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    shown = (await posted(store, room.id, clock, ids, by=AGAIN)).post
    await set_by(store, clock, ids, ADDRESS, SanctionKind.SUSPEND)
    for deed in (
        Vote(shown, _id(BESIDE), 1, clock.now_ms(), BESIDE.sources),
        Report(shown, "1", None, BESIDE, clock.now_ms()),
    ):
        with pytest.raises(Refusal, match="address_stopped"):
            await other.commit(deed)


async def test_who_has_an_account_writes_on_there(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    """A command of theirs carries no source; and what an account did is looked up by the account."""
    room = (await live_room(store, clock, ids, premoderate=False)).id
    await set_by(store, clock, ids, ADDRESS, SanctionKind.SUSPEND)
    shown = (await posted(store, room, clock, ids, by=AGAIN)).post
    await store.commit(Vote(shown, _id(PRICE), 1, clock.now_ms(), PRICE.sources))


async def test_control_with_the_digest_not_looked_up_a_new_name_is_enough(
    store: Store, clock: FrozenClock, ids: CountingIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = (await live_room(store, clock, ids)).id
    await set_by(store, clock, ids, DEVICE)
    monkeypatch.setattr(loading_people, "_STOPPING", loading_people._OF_PERSON)
    assert await refused_to(store, room, clock, ids, AGAIN) is None
    monkeypatch.undo()
    assert await refused_to(store, room, clock, ids, AGAIN) == "device_stopped"


async def test_whom_it_touches_is_told_and_appeals_once_each(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = (await live_room(store, clock, ids)).id
    number = await set_by(store, clock, ids, ADDRESS)

    async def mute(who: Actor) -> dict[str, object] | None:
        told: dict[str, object] | None = (await other.my(room, _id(who), 10, who.sources))["mute"]
        return told

    told = await mute(BESIDE)
    assert told is not None
    assert (told["by"], told["kind"], told["sanction"]) == ("address", "mute", number)
    assert await mute(AGAIN) is None
    listed = (await other.all_mine(_id(BESIDE), 10, BESIDE.sources))["sanctions"]
    assert [(one["sanction"], one["by"], one["in_force"]) for one in listed] == [(number, "address", True)]
    assert (await other.all_mine(_id(AGAIN), 10, AGAIN.sources))["sanctions"] == []

    async def appeal(who: Actor) -> str:
        made = await store.commit(Appeal(ids(), None, number, None, who, "我是同一所学校的", clock.now_ms()))
        assert isinstance(made, AppealMade)
        return made.appeal

    first, neighbours = await appeal(FIRST), await appeal(BESIDE)
    assert first != neighbours
    assert await appeal(BESIDE) == neighbours
    with pytest.raises(Refusal, match="forbidden"):
        await appeal(AGAIN)
    open_ones, _ = await other.appeals(None, None, None, 10)
    assert [one["sanction_by"] for one in open_ones] == ["address", "address"]
    decision = DecideAppeal(
        neighbours, None, number, None, AppealState.REVERSED, "一所学校", b"0" * 16, MODERATOR_2, clock.now_ms()
    )
    await store.commit(decision)
    assert await mute(BESIDE) is None
    await other.forget_sources({}, clock.now_ms())
    (mine,) = (await other.all_mine(_id(BESIDE), 10, BESIDE.sources))["sanctions"]
    assert (mine["appeal"]["state"], mine["lifted_at"]) == ("reversed", clock.now_ms())
    assert await appeal(BESIDE) == neighbours


def seen(clock: FrozenClock, *pairs: tuple[Actor, str], ago: int = 0) -> Sequence[Sighting]:
    at = clock.now_ms() - ago
    return [Sighting(SourceKey(key), _id(who), via_of(SourceKey(key)), at) for who, key in pairs]


async def test_the_newest_place_counts_and_others_there_lately(store: Store, other: Store, clock: FrozenClock) -> None:
    since = clock.now_ms() - 7 * DAY
    assert await store.sources_of(_id(FIRST), since) == {}
    await store.note_sightings(seen(clock, (FIRST, "a:old"), (FIRST, "d:1"), ago=2 * DAY))
    crowd = [(guest(str(n)), "a:1") for n in range(10, 48)]
    await other.note_sightings(seen(clock, (FIRST, "a:1"), *crowd, ago=DAY))
    await other.note_sightings(seen(clock, (guest("away"), "a:1"), (guest("same"), "d:1"), ago=8 * DAY))
    assert await store.sources_of(_id(FIRST), since) == {
        Via.ADDRESS: Source(ADDRESS, 38),
        Via.DEVICE: Source(DEVICE, 0),
    }
    await store.note_sightings(seen(clock, (FIRST, "a:1"), (guest("away"), "a:1")))
    assert (await other.sources_of(_id(FIRST), since))[Via.ADDRESS].others == 39


async def test_what_is_old_is_gone_and_the_digests_of_what_is_over(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    await live_room(store, clock, ids)
    now = clock.now_ms()
    await store.note_sightings(seen(clock, (FIRST, "a:1"), (FIRST, "d:1"), ago=10 * DAY))
    await store.note_sightings(seen(clock, (AGAIN, "a:2"), (AGAIN, "d:1"), ago=DAY))
    over, lifted = await set_by(store, clock, ids, ADDRESS), await set_by(store, clock, ids, DEVICE)
    await store.commit(LiftSanction(_id(FIRST), None, MODERATOR, now))
    standing = await set_by(store, clock, ids, DEVICE)

    assert await store.forget_sources({Via.DEVICE: now - 30 * DAY, Via.ADDRESS: now - 7 * DAY}, now) == 3
    assert await store.forget_sources({Via.DEVICE: now - 30 * DAY, Via.ADDRESS: now - 7 * DAY}, now) == 0

    assert set(await store.sources_of(_id(FIRST), 0)) == {Via.DEVICE}
    assert set(await store.sources_of(_id(AGAIN), 0)) == {Via.DEVICE, Via.ADDRESS}
    rows = await store.database.read(lambda connection: connection.execute(select(sanction)).all())
    assert {row.id: row.subject for row in rows} == {over: "", lifted: "", standing: DEVICE}
    assert await store.forget_sources({Via.DEVICE: now}, now) == 2


async def test_a_fault_of_the_database_says_nothing_of_a_digest(store: Store) -> None:
    """What is not caught is written into the log as it is."""

    def fail(connection: Connection) -> None:
        connection.execute(insert(sighting), {"source": "d:digest", "user_id": "g:digest", "via": None, "at": 1})

    with pytest.raises(Exception, match="sighting") as failed:
        await store.database.write(fail)
    assert "digest" not in str(failed.value)
