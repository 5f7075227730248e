"""Lanes as they are read back: events, heads and snapshots, the same on either store."""

from __future__ import annotations

import random
from functools import partial

import pytest

from kernel.ids import PostId, RoomId
from kernel.refusals import Refusal
from persistence.schema import seat
from persistence.store import Store
from rooms.model import Lane, PostKind
from rooms.ports import Head
from tests.contracts.store.ground import EPOCH, Client, Ground, lay

pytestmark = pytest.mark.anyio


async def test_an_event_is_read_as_the_item_of_the_contract(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId, PostId]:
        room = ground.room()
        asked = ground.post(room, "起步价为什么是 3 元？")
        answer = ground.reply(room, asked, "按成本测算。")
        return room, asked, answer

    room, asked, answer = await lay(store, build)

    first, second = (await store.events(room, Lane.PUB, 0, 10)).items

    at = first.pop("at")
    assert first == {
        "s": 1,
        "k": "msg",
        "id": asked,
        "q": asked,
        "number": 1,
        "kind": "question",
        "by": {"name": "小满", "role": "netizen"},
        "body": "起步价为什么是 3 元？",
        "ver": 1,
    }
    assert second.pop("at") > at
    assert second == {
        "s": 2,
        "k": "msg",
        "id": answer,
        "q": asked,
        "kind": "reply",
        "by": {"name": "陈立言", "role": "respondent", "dept": "price"},
        "body": "按成本测算。",
        "ver": 1,
        "reply_to": asked,
    }


async def test_an_event_without_a_post_is_about_the_room(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        ground.say(room, Lane.PUB, "state", state="paused")
        ground.say(room, Lane.PUB, "set", freeze=False)
        return room

    room = await lay(store, build)

    state, policy = (await store.events(room, Lane.PUB, 0, 10)).items

    assert (state["id"], state["k"], state["state"]) == (room, "state", "paused")
    assert (policy["id"], policy["k"], policy["freeze"]) == (room, "set", False)


async def test_replay_shows_each_text_under_its_own_number_and_a_snapshot_only_the_newest(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        post = ground.post(room, "第一稿")
        ground.revise(post, "第二稿", publish=True)
        return room

    room = await lay(store, build)

    replayed = (await store.events(room, Lane.PUB, 0, 10)).items
    present = (await store.snapshot(room, Lane.PUB, 10)).items

    assert [(item["k"], item["ver"], item["body"]) for item in replayed] == [
        ("msg", 1, "第一稿"),
        ("edit", 2, "第二稿"),
    ]
    assert [(item["s"], item["k"], item["ver"], item["body"]) for item in present] == [(1, "msg", 2, "第二稿")]


@pytest.mark.parametrize(
    ("after", "limit", "expected"),
    [
        (0, 3, [1, 2, 3]),
        (3, 100, [4, 5, 6]),
        (5, 1, [6]),
        (6, 5, []),
        (7, 5, []),
        (2**63, 5, []),
        (-4, 2, [1, 2]),
        (0, 0, []),
        (0, -1, []),
        (0, 10**12, [1, 2, 3, 4, 5, 6]),
    ],
)
async def test_events_stay_within_bounds(store: Store, after: int, limit: int, expected: list[int]) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        for _ in range(6):
            ground.post(room)
        return room

    room = await lay(store, build)

    page = await store.events(room, Lane.PUB, after, limit)

    assert (page.epoch, page.head) == (EPOCH[Lane.PUB], 6)
    assert [item["s"] for item in page.items] == expected


async def test_a_room_where_nothing_happened_is_whole(store: Store) -> None:
    room = await lay(store, lambda ground: ground.room())

    page = await store.events(room, Lane.PUB, 0, 10)
    snapshot = await store.snapshot(room, Lane.PUB, 10)

    assert (page.head, page.items) == (0, [])
    assert (snapshot.head, snapshot.items, snapshot.pinned, snapshot.stage, snapshot.tally, snapshot.more) == (
        0,
        [],
        [],
        [],
        {},
        False,
    )
    assert snapshot.state["state"] == "live"
    assert [department["slot"] for department in snapshot.state["departments"]] == [1, 2, 3]
    assert (await store.questions(room, None, 10)) == ([], None)
    assert (await store.transcript(room))["items"] == []


@pytest.mark.parametrize("room", ["nowhere", "", "a\x00b", "\ud800", "x" * 4_000])
async def test_no_room_is_a_refusal_and_not_a_failure(store: Store, room: str) -> None:
    wanted = RoomId(room)

    assert await store.room(wanted) is None
    assert await store.room_by_code(room) is None
    assert await store.post_room(PostId(room)) is None
    assert await store.heads([wanted]) == {}
    for read in (
        store.events(wanted, Lane.PUB, 0, 5),
        store.snapshot(wanted, Lane.PUB, 5),
        store.snapshot(wanted, Lane.MOD, 5),
        store.transcript(wanted),
    ):
        with pytest.raises(Refusal, match="no_room"):
            await read


async def test_heads_answers_for_all_lanes_of_the_rooms_it_knows(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, RoomId]:
        busy, quiet = ground.room(), ground.room()
        ground.post(busy)
        ground.post(busy, kind=PostKind.NOTE, role="respondent")
        return busy, quiet

    busy, quiet = await lay(store, build)

    heads = await store.heads([busy, quiet, RoomId("nowhere"), busy])

    assert heads == {
        (room, lane): Head(EPOCH[lane], seq)
        for room, seqs in ((busy, (1, 1, 0)), (quiet, (0, 0, 0)))
        for lane, seq in zip((Lane.PUB, Lane.DESK, Lane.MOD), seqs, strict=True)
    }
    assert await store.heads([]) == {}


async def test_a_snapshot_has_the_newest_roots_each_with_all_that_is_below(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        old = ground.post(room, "旧问题")
        mid = ground.post(room, "问题二")
        ground.post(room, "公告", kind=PostKind.NOTICE, role="host")
        answer = ground.reply(room, mid, "答复")
        ground.reply(room, answer, "追问", kind=PostKind.COMMENT, by="g:other", role="netizen", department=None)
        ground.reply(room, old, "旧问题的答复")
        return room

    room = await lay(store, build)

    snapshot = await store.snapshot(room, Lane.PUB, 2)

    assert [item["body"] for item in snapshot.items] == ["问题二", "公告", "答复", "追问"]
    assert [item["s"] for item in snapshot.items] == [2, 3, 4, 5]
    assert snapshot.more is True
    assert (await store.snapshot(room, Lane.PUB, 3)).more is False
    assert (await store.snapshot(room, Lane.PUB, 0)).items == []
    assert len((await store.snapshot(room, Lane.PUB, 10**9)).items) == 6


async def test_what_is_pinned_or_on_stage_comes_with_its_whole_thread(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId, PostId]:
        room = ground.room()
        old = ground.post(room, "旧问题")
        pinned = ground.reply(room, old, "置顶的答复")
        staged = ground.post(room, "台上的问题")
        ground.reply(room, staged, "它的答复")
        for n in range(5):
            ground.post(room, f"新问题 {n}")
        ground.mark(pinned, "pin", True)
        ground.mark(staged, "stage", True)
        return room, pinned, staged

    room, pinned, staged = await lay(store, build)

    snapshot = await store.snapshot(room, Lane.PUB, 1)

    assert [item["body"] for item in snapshot.items] == ["旧问题", "置顶的答复", "台上的问题", "它的答复", "新问题 4"]
    assert (snapshot.pinned, snapshot.stage) == ([pinned], [staged])


async def test_pins_are_in_the_order_of_pinning(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, list[PostId]]:
        room = ground.room()
        posts = [ground.post(room) for _ in range(3)]
        for post in (posts[2], posts[0], posts[1]):
            ground.mark(post, "pin", True)
        ground.mark(posts[2], "pin", False)
        ground.mark(posts[2], "pin", True)
        return room, [posts[0], posts[1], posts[2]]

    room, expected = await lay(store, build)

    assert (await store.snapshot(room, Lane.PUB, 10)).pinned == expected


async def test_the_desk_sees_who_sits_and_the_newest_notes_and_nobody_elses_lane(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        ground.account("price1")
        ground.put(
            seat,
            room_id=room,
            account_id="price1",
            department_id="price",
            taken_at=1,
        )
        asked = ground.post(room, "公开的问题")
        ground.reply(room, asked, "便条一", kind=PostKind.NOTE)
        ground.reply(room, asked, "便条二", kind=PostKind.NOTE)
        ground.post(room, "公开的问题二")
        return room

    room = await lay(store, build)

    desk = await store.snapshot(room, Lane.DESK, 1)
    public = await store.snapshot(room, Lane.PUB, 10)

    assert desk.state == {"seats": [{"dept": "price", "name": "name of price1"}]}
    assert [item["body"] for item in desk.items] == ["便条二"]
    assert desk.more is True
    assert [item["body"] for item in (await store.snapshot(room, Lane.DESK, 10)).items] == ["便条一", "便条二"]
    assert [item["body"] for item in public.items] == ["公开的问题", "公开的问题二"]
    assert public.state["departments"][0]["seated"] == 1


async def test_moderators_see_how_many_wait(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room, other = ground.room(), ground.room()
        for _ in range(3):
            ground.post(room, state="pending")
        ground.post(other, state="pending")
        ground.post(room)
        ground.say(room, Lane.MOD, "queue", waiting=3)
        return room

    room = await lay(store, build)

    snapshot = await store.snapshot(room, Lane.MOD, 10)

    assert (snapshot.head, snapshot.state, snapshot.items) == (1, {"waiting": 3}, [])


async def test_votes_come_with_what_is_shown(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId]:
        room = ground.room()
        liked, hidden, plain = (ground.post(room) for _ in range(3))
        ground.change_post(liked, up=12, down=3)
        ground.change_post(hidden, up=9)
        ground.hide(hidden)
        assert plain
        return room, liked

    room, liked = await lay(store, build)

    assert (await store.snapshot(room, Lane.PUB, 10)).tally == {liked: (12, 3)}


async def test_five_hundred_questions_are_paged_through_and_each_comes_once(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        for n in range(500):
            ground.post(room, f"问题 {n + 1} 🚇")
        return room

    room = await lay(store, build)

    snapshot = await store.snapshot(room, Lane.PUB, 50)
    numbers: list[int] = []
    before: str | None = None
    while True:
        page, before = await store.questions(room, before, 77)
        numbers.extend(thread["number"] for thread in page)
        if before is None:
            break

    assert [item["number"] for item in snapshot.items] == list(range(451, 501))
    assert numbers == list(range(500, 0, -1))
    assert (await store.transcript(room))["items"][-1]["body"] == "问题 500 🚇"
    assert len((await store.events(room, Lane.PUB, 0, 10_000)).items) == 500


@pytest.mark.parametrize(
    "body", ["字" * 10_000, "👩‍👩‍👧‍👦🚇" * 50, "a\nb\n\n\tc", "=1+1", "'; DROP TABLE post; --", "%_\\\"'"]
)
async def test_a_text_comes_back_as_it_went_in(store: Store, body: str) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        ground.post(room, body)
        return room

    room = await lay(store, build)

    assert (await store.events(room, Lane.PUB, 0, 1)).items[0]["body"] == body
    assert (await store.snapshot(room, Lane.PUB, 1)).items[0]["body"] == body
    assert (await store.transcript(room))["items"][0]["body"] == body


@pytest.mark.parametrize("seed", range(6))
async def test_a_snapshot_and_the_events_since_are_the_next_snapshot(store: Store, seed: int) -> None:
    """Whatever happens, and wherever a client comes in, it ends with what a newcomer is given."""
    chance = random.Random(seed)
    room = await lay(store, lambda ground: ground.room())
    clients = [await Client.joined(store, room, lane) for lane in (Lane.PUB, Lane.DESK)]
    posts: list[PostId] = []
    hidden: set[PostId] = set()

    for step in range(12):
        await lay(store, partial(_something, room=room, posts=posts, hidden=hidden, chance=chance, step=step))
        if step % 3 == 0:
            clients += [await Client.joined(store, room, lane) for lane in (Lane.PUB, Lane.DESK)]
        if step % 4 == 3:
            for client in clients:
                await client.catch_up(store, room)
                newcomer = await Client.joined(store, room, client.lane)
                assert client.view() == newcomer.view()


def _something(
    ground: Ground, room: RoomId, posts: list[PostId], hidden: set[PostId], chance: random.Random, step: int
) -> None:
    for n in range(chance.randint(1, 4)):
        shown = [post for post in posts if post not in hidden]
        doing = chance.choice(["ask", "ask", "reply", "note", "edit", "hide", "restore", "pin", "stage", "hidden edit"])
        if doing == "ask" or not shown:
            posts.append(ground.post(room, f"问 {step}.{n}", state="published"))
        elif doing == "reply":
            posts.append(ground.reply(room, chance.choice(shown), f"答 {step}.{n}"))
        elif doing == "note":
            ground.reply(room, chance.choice(shown), f"记 {step}.{n}", kind=PostKind.NOTE)
        elif doing == "edit":
            ground.revise(chance.choice(shown), f"改 {step}.{n}", publish=True)
        elif doing == "hide":
            hidden.add(gone := chance.choice(shown))
            ground.hide(gone)
        elif doing == "restore" and hidden:
            hidden.discard(back := min(hidden))
            ground.restore(back)
        elif doing == "hidden edit" and hidden:
            ground.revise(min(hidden), f"暗改 {step}.{n}", publish=True)
        elif doing in ("pin", "stage"):
            ground.mark(chance.choice(posts), doing, chance.random() < 0.7)
