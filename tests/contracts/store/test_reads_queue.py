"""What moderators look at and what the phases look back at, the same on either store."""

from __future__ import annotations

import pytest

from kernel.ids import PostId, RoomId, UserId
from kernel.refusals import Refusal
from moderation.ports import RECENT_MAX
from persistence.store import Store
from rooms.commands import PostReceipt
from rooms.model import PostKind, PostState, Reason, Trust
from tests.contracts.store.ground import ASKER, NOW, Ground, lay

pytestmark = pytest.mark.anyio


async def test_the_queue_is_oldest_first_and_says_who_holds_what(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId, PostId]:
        room, other = ground.room(), ground.room()
        first = ground.post(
            room, "第一", state="pending", reasons=[{"phase": "wordlist", "term": "抢", "from": 2, "to": 3}]
        )
        second = ground.post(room, "第二", state="pending")
        lapsed = ground.post(other, "第三", state="pending")
        ground.post(room, "已公开")
        ground.change_post(second, lease_by="moderator1", lease_until=NOW + 30_000)
        ground.change_post(lapsed, lease_by="moderator1", lease_until=NOW)
        return room, first, second

    room, first, second = await lay(store, build)

    everything, _ = await store.queue(None, None, None, 10, NOW)
    here, _ = await store.queue(room, None, None, 10, NOW)
    free, _ = await store.queue(None, "waiting", None, 10, NOW)
    held, _ = await store.queue(None, "leased", None, 10, NOW)

    assert [entry.body for entry in everything] == ["第一", "第二", "第三"]
    assert [entry.state for entry in everything] == ["waiting", "leased", "waiting"]
    assert [entry.post for entry in here] == [first, second]
    assert [entry.body for entry in free] == ["第一", "第三"]
    assert [(entry.post, entry.lease_by, entry.lease_until) for entry in held] == [
        (second, "moderator1", NOW + 30_000),
    ]
    assert (everything[2].lease_by, everything[2].lease_until) == (None, 0)
    assert everything[0].reasons == (Reason("wordlist", term="抢", start=2, end=3),)
    assert everything[0].to_wire()["by"] == {"name": "小满", "role": "netizen", "id": ASKER}


async def test_the_queue_is_paged_without_loss_where_posts_came_together(store: Store) -> None:
    def build(ground: Ground) -> list[PostId]:
        room = ground.room()
        posts = [ground.post(room, f"{n}", state="pending") for n in range(9)]
        for post in posts:
            ground.change_post(post, waiting_since=NOW)
        return posts

    posts = await lay(store, build)

    seen: list[PostId] = []
    cursor: str | None = None
    while True:
        page, cursor = await store.queue(None, None, cursor, 2, NOW)
        seen.extend(entry.post for entry in page)
        if cursor is None:
            break
    assert seen == posts


async def test_decided_posts_come_newest_first_each_version_with_its_own_text(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, list[PostId]]:
        room = ground.room()
        refused = ground.post(room, "不行", state="pending")
        ground.rule(refused, "reject", reason="flood")
        shown = ground.post(room, "可以", state="pending")
        ground.rule(shown, "publish")
        ground.revise(shown, "可以，再改", publish=False)
        return room, [shown, refused]

    room, posts = await lay(store, build)

    decided, end = await store.queue(room, "decided", None, 10, NOW)
    newest, cursor = await store.queue(room, "decided", None, 1, NOW)
    older, _ = await store.queue(room, "decided", cursor, 10, NOW)
    [waiting], _ = await store.queue(room, None, None, 10, NOW)

    assert end is None
    assert [(entry.post, entry.ver, entry.body, entry.state) for entry in decided] == [
        (posts[0], 1, "可以", "decided"),
        (posts[1], 1, "不行", "decided"),
    ]
    assert [entry.post_state for entry in decided] == [PostState.PUBLISHED, PostState.REJECTED]
    assert [entry.ruled and (entry.ruled.verdict, entry.ruled.reason) for entry in decided] == [
        ("publish", None),
        ("reject", "flood"),
    ]
    assert [*newest, *older] == decided
    assert (waiting.post, waiting.ver, waiting.body, waiting.post_state) == (posts[0], 2, "可以，再改", "published")


async def test_a_text_hidden_after_its_ruling_is_not_shown_among_the_decided_either(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        found = {"phase": "wordlist", "category": "广告", "term": "藏", "from": 0, "to": 1, "rule": 2}
        post = ground.post(room, "藏起来的", state="pending", reasons=[found])
        ground.rule(post, "publish")
        ground.revise(post, "等着的", publish=False)
        ground.hide(post)
        return room

    room = await lay(store, build)

    decided, _ = await store.queue(room, "decided", None, 10, NOW)
    waiting, _ = await store.queue(room, None, None, 10, NOW)
    assert [entry.body for entry in decided] == [""]
    assert [entry.body for entry in waiting] == ["等着的"]
    # Nor the pieces of it that were found, and where.
    assert [entry.reasons for entry in decided] == [(Reason("wordlist", category="广告", rule=2),)]
    assert [(one.term, one.start, one.end) for entry in waiting for one in entry.reasons] == [("藏", 0, 1)]


async def test_a_state_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(Refusal, match="bad_request"):
        await store.queue(None, "everything", None, 10, NOW)


async def test_a_receipt_tells_where_the_post_stands_now(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId, PostId]:
        room = ground.room()
        waiting = ground.post(room, state="pending", cid="a", reasons=[{"phase": "premoderation"}])
        return room, waiting, ground.post(room, cid="b")

    room, waiting, shown = await lay(store, build)

    first = await store.receipt(room, UserId(ASKER), "a")
    second = await store.receipt(room, UserId(ASKER), "b")

    held = PostReceipt(waiting, room, PostState.PENDING, 1, reasons=(Reason("premoderation"),), repeated=True)
    assert first == held
    assert second == PostReceipt(shown, room, PostState.PUBLISHED, 1, seq=1, number=1, repeated=True)
    assert await store.receipt(room, UserId("g:other"), "a") is None
    assert await store.receipt(RoomId("nowhere"), UserId(ASKER), "a") is None
    assert await store.receipt(room, UserId(ASKER), "\x00\ud800") is None


async def test_the_phases_see_the_authors_newest_words_but_not_what_was_taken_back(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        ground.post(room, "一", state="rejected")
        ground.revise(ground.post(room, "二"), "二，改过", publish=False)
        ground.post(room, "三", state="withdrawn")
        ground.post(room, "四", state="pending")
        ground.post(room, "别的一种", kind=PostKind.COMMENT)
        ground.post(room, "别人的", by="g:other")
        ground.post(ground.room(), "另一场的")
        return room

    room = await lay(store, build)

    assert await store.surroundings(room, UserId(ASKER), PostKind.QUESTION) == (
        await store.room(room),
        ("四", "二，改过", "一"),
        Trust.NEW,
    )
    assert await store.surroundings(RoomId("nowhere"), UserId(ASKER), PostKind.QUESTION) == (None, (), Trust.NEW)


async def test_the_phases_look_back_only_so_far(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        for n in range(RECENT_MAX + 2):
            ground.post(room, f"第 {n} 句")
        return room

    room = await lay(store, build)

    _, recent, _ = await store.surroundings(room, UserId(ASKER), PostKind.QUESTION)

    assert recent == tuple(f"第 {n} 句" for n in reversed(range(2, RECENT_MAX + 2)))
