"""The ledger of a room on both stores: each number counted from what really happened, and no text in it."""

from __future__ import annotations

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds
from moderation.appeal_commands import Appeal
from moderation.commands import Ruling
from moderation.report_commands import JudgeReports, Report
from persistence.store import Store
from rooms.commands import Redact
from rooms.model import PostKind, PostState
from rooms.reports import CaseState
from tests.factories import MODERATOR, PRICE, decided, guest, live_room, posted, pulled

pytestmark = pytest.mark.anyio

MARK = "独一无二的话"


async def test_an_empty_room_has_nothing_and_says_so(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids)
    found = await store.ledger(room.id)
    assert set(found["posts"].values()) == {0}
    assert (found["verdicts"], found["wait_p50_s"], found["refused_by"], found["unanswered"]) == (0, None, {}, 0)


async def test_every_number_is_counted(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room, other = await live_room(store, clock, ids), await live_room(store, clock, ids)
    await posted(store, other.id, clock, ids, body=MARK)
    posts = [(await posted(store, room.id, clock, ids, by=guest(str(n)), body=f"{MARK}{n}")).post for n in range(5)]
    await posted(store, room.id, clock, ids, by=guest("7"), body=MARK, judged=PostState.REJECTED)
    clock.advance(60_000)
    await pulled(store, clock, n=10, room=room.id)
    for n, post in enumerate(posts[:4]):
        await decided(store, clock, post, ruling=Ruling.REJECT if n == 0 else Ruling.PUBLISH)
    await posted(store, room.id, clock, ids, by=PRICE, kind=PostKind.REPLY, reply_to=posts[1], body=MARK)
    await posted(store, room.id, clock, ids, by=PRICE, kind=PostKind.NOTE, body=MARK)
    await store.commit(Appeal(ids(), posts[0], None, room.id, guest("0"), MARK, clock.now_ms()))
    for n in range(2):
        await store.commit(Report(posts[2], "3", MARK, guest(f"8{n}"), clock.now_ms()))
    await store.commit(Report(posts[3], "1", MARK, guest("80"), clock.now_ms()))
    await store.commit(JudgeReports(posts[3], CaseState.DISMISSED, None, None, MODERATOR, clock.now_ms()))
    await store.commit(Redact(posts[2], "3", MODERATOR, clock.now_ms()))

    found = await store.ledger(room.id)

    counts = {"received": 7, "published": 3, "hidden": 1, "refused": 2, "waiting": 1, "withdrawn": 0}
    assert found["posts"] == counts
    assert found["refused_by"] == {"other": 2}
    assert found["hidden_by"] == {"3": 1}
    assert (found["verdicts"], found["wait_p50_s"], found["wait_p90_s"]) == (4, 60, 60)
    assert found["appeals"] == {"open": 1, "upheld": 0, "reversed": 0}
    assert found["reports"] == {"made": 3, "open": 0, "dismissed": 1, "redacted": 1}
    assert found["unanswered"] == 1
    assert MARK not in repr(found)
    assert (await store.ledger(other.id))["posts"]["received"] == 1
