"""Reports on both stores: counted once at whichever node, listed without who reported, told to who did."""

from __future__ import annotations

import asyncio

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.report_commands import JudgeReports, Report, Reported
from persistence.store import Store
from rooms.commands import Redact
from rooms.reports import CaseState
from tests.contracts.store.invariants import assert_sound
from tests.factories import MODERATOR, decided, guest, live_room, posted, pulled

pytestmark = pytest.mark.anyio


async def shown(store: Store, clock: FrozenClock, ids: CountingIds, room: RoomId) -> PostId:
    post = (await posted(store, room, clock, ids)).post
    await pulled(store, clock, room=room)
    await decided(store, clock, post)
    return post


def reporting(post: PostId, clock: FrozenClock, by: Actor, reason: str = "1", note: str | None = None) -> Report:
    return Report(post, reason, note, by, clock.now_ms())


async def mine(store: Store, room: RoomId, who: Actor) -> list[dict[str, object]]:
    reports: list[dict[str, object]] = (await store.my(room, UserId(str(who.id)), 10))["reports"]
    return reports


async def test_a_case_is_listed_with_its_reasons_and_without_who(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = await shown(store, clock, ids, room.id)
    for n, reason in enumerate(("1", "1", "3")):
        await store.commit(reporting(post, clock, guest(f"77{n}"), reason, f"说明{n}"))
    ((case,), end) = await store.report_cases(room.id, None, None, 10)
    assert (case["post"], case["reports"], case["reasons"], case["approved"]) == (post, 3, {"1": 2, "3": 1}, True)
    assert sorted(case["notes"]) == ["说明0", "说明1", "说明2"]
    assert (case["body"] != "", end) == (True, None)
    assert "77" not in repr({**case, "at": 0, "room": "", "post": ""})
    assert [one["state"] for one in await mine(store, room.id, guest("770"))] == ["open"]


async def test_sent_twice_at_two_nodes_it_counts_once(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    for n in range(5):
        post = await shown(store, clock, ids, room.id)
        command = reporting(post, clock, guest(f"9{n}"))
        answers = await asyncio.gather(store.commit(command), other.commit(command))
        assert all(isinstance(one, Reported) for one in answers)
        case = next(one for one in (await store.report_cases(room.id, None, None, 10))[0] if one["post"] == post)
        assert case["reports"] == 1
    await assert_sound(store)


async def test_judged_at_two_nodes_once_and_the_reporter_is_told(
    store: Store, other: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = await shown(store, clock, ids, room.id)
    await store.commit(reporting(post, clock, guest("2")))
    dismiss = JudgeReports(post, CaseState.DISMISSED, None, "谢谢", MODERATOR, clock.now_ms())
    redact = JudgeReports(post, CaseState.REDACTED, "1", None, MODERATOR, clock.now_ms())
    found = await asyncio.gather(store.commit(dismiss), other.commit(redact), return_exceptions=True)
    assert [one.code.name for one in found if isinstance(one, Refusal)] == ["decided"]
    (told,) = await mine(store, room.id, guest("2"))
    assert told["state"] in {"dismissed", "redacted"}
    assert (await store.report_cases(room.id, "open", None, 10))[0] == []
    assert len((await store.report_cases(None, str(told["state"]), None, 10))[0]) == 1


async def test_hidden_by_another_way_it_asks_nobody_any_more(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    post = await shown(store, clock, ids, room.id)
    await store.commit(reporting(post, clock, guest("2")))
    await store.commit(Redact(post, "1", MODERATOR, clock.now_ms()))
    assert (await store.report_cases(room.id, None, None, 10))[0] == []
    assert [one["state"] for one in await mine(store, room.id, guest("2"))] == ["redacted"]


async def test_pages_follow_each_other_and_rubbish_is_refused(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    room = await live_room(store, clock, ids)
    posts = []
    for _ in range(3):
        posts.append(await shown(store, clock, ids, room.id))
        clock.advance(5)
        await store.commit(reporting(posts[-1], clock, guest("2")))
    first, cursor = await store.report_cases(room.id, "open", None, 2)
    second, end = await store.report_cases(room.id, "open", cursor, 2)
    assert ([one["post"] for one in [*first, *second]], end) == (posts, None)
    for state, place in ("elsewhere", None), ("open", "x.y"):
        with pytest.raises(Refusal, match="bad_request"):
            await store.report_cases(room.id, state, place, 2)
