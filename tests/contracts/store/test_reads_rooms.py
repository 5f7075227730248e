"""Rooms, threads, own posts and the transcript, the same on either store."""

from __future__ import annotations

import pytest

from kernel.ids import DepartmentId, PostId, RoomId, UserId
from kernel.refusals import Refusal
from persistence import schema
from persistence.schema import department, room_department, sanction, seat, vote
from persistence.store import Store
from rooms.model import Lane, PostKind, RoomState
from tests.contracts.store.ground import ASKER, NOW, Ground, lay

pytestmark = pytest.mark.anyio


async def test_a_room_is_read_with_its_departments_in_order_of_invitation(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room(code="METRO7")
        for key in ("price1", "price2"):
            ground.account(key)
            ground.put(seat, room_id=room, account_id=key, department_id="price", taken_at=1)
        return room

    room = await lay(store, build)

    found = await store.room(room)

    assert found is not None
    assert found == await store.room_by_code("METRO7")
    assert (found.id, found.state, found.lead) == (room, RoomState.LIVE, "price")
    assert [(one.id, one.slot, one.lead, one.seated) for one in found.departments] == [
        ("price", 1, True, 2),
        ("transport", 2, False, 0),
        ("metro", 3, False, 0),
    ]
    assert found.parties == {"price", "transport", "metro"}
    assert await store.seated(room, UserId("price1")) is True
    assert await store.seated(room, UserId("metro1")) is False
    assert await store.seated(RoomId("nowhere"), UserId("price1")) is False


async def test_a_ninth_department_begins_the_colours_again(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        for n in range(4, 11):
            ground.put(department, id=f"d{n}", name=f"部门{n}", name_en=f"D{n}", mark="部", slot=1)
            ground.put(room_department, room_id=room, department_id=f"d{n}", position=n, lead=False)
        return room

    room = await lay(store, build)

    found = await store.room(room)
    assert found is not None
    assert [place.slot for place in found.departments] == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2]
    assert found.departments[-1].id == DepartmentId("d10")


async def test_a_policy_stored_before_a_field_existed_has_its_default(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        ground.connection.execute(schema.room.update().values(policy={"premoderate": False, "gone": 1}))
        return room

    room = await lay(store, build)

    found = await store.room(room)
    assert found is not None
    policy = found.policy
    assert (policy.premoderate, policy.staff, policy.slow_ms) == (False, "auto", 0)


async def test_rooms_are_paged_newest_first_and_by_state(store: Store) -> None:
    def build(ground: Ground) -> list[RoomId]:
        return [ground.room(state="live" if n % 2 else "closed", title=f"第 {n} 场") for n in range(7)]

    rooms = (await lay(store, build))[::-1]

    first, cursor = await store.rooms(None, None, 3)
    second, cursor = await store.rooms(None, cursor, 3)
    third, end = await store.rooms(None, cursor, 3)
    live, more = await store.rooms(RoomState.LIVE, None, 3)

    assert [room.id for room in (*first, *second, *third)] == rooms
    assert end is None
    assert [room.title for room in live] == ["第 5 场", "第 3 场", "第 1 场"]
    assert more is None


@pytest.mark.parametrize("cursor", ["", "not ours!", "' OR 1=1 --", "x" * 27, "\x00", "字"])
async def test_a_cursor_not_of_ours_is_refused(store: Store, cursor: str) -> None:
    room = await lay(store, lambda ground: ground.room())

    with pytest.raises(Refusal, match="bad_request"):
        await store.rooms(None, cursor, 3)
    with pytest.raises(Refusal, match="bad_request"):
        await store.questions(room, cursor, 3)
    with pytest.raises(Refusal, match="bad_request"):
        await store.queue(room, None, cursor, 3, NOW)


async def test_a_post_knows_its_room(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId]:
        room = ground.room()
        return room, ground.post(room, state="pending")

    room, post = await lay(store, build)

    assert await store.post_room(post) == room
    assert await store.post_room(PostId("nothing")) is None


async def test_a_thread_has_everything_below_its_question(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        first = ground.post(room, "问题一")
        second = ground.post(room, "问题二")
        ground.post(room, "公告", kind=PostKind.NOTICE, role="host")
        answer = ground.reply(room, first, "答复一")
        ground.reply(room, second, "答复二")
        ground.reply(room, answer, "追问", kind=PostKind.COMMENT, by=ASKER, role="netizen", department=None)
        ground.reply(room, answer, "便条", kind=PostKind.NOTE)
        ground.reply(room, first, "还没放出来", state="pending")
        ground.change_post(second, up=3, down=1)
        return room

    room = await lay(store, build)

    threads, end = await store.questions(room, None, 10)
    transcript = await store.transcript(room)

    assert end is None
    assert [(thread["number"], thread["body"], thread["tally"]) for thread in threads] == [
        (2, "问题二", [3, 1]),
        (1, "问题一", [0, 0]),
    ]
    assert [[reply["body"] for reply in thread["replies"]] for thread in threads] == [["答复二"], ["答复一", "追问"]]
    assert [item["body"] for item in transcript["items"]] == ["问题一", "问题二", "公告", "答复一", "答复二", "追问"]
    assert [thread["number"] for thread in transcript["questions"]] == [1, 2]
    assert [reply["body"] for reply in transcript["questions"][0]["replies"]] == ["答复一", "追问"]
    assert (transcript["room"]["id"], transcript["head"]) == (room, 6)


async def test_the_transcript_says_what_was_corrected_and_when(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId]:
        room = ground.room()
        answer = ground.reply(room, ground.post(room), "下降约三成")
        ground.revise(answer, "下降约两成", publish=True)
        return room, answer

    room, answer = await lay(store, build)

    transcript = await store.transcript(room)

    assert transcript["items"][1]["body"] == "下降约两成"
    assert [correction["s"] for correction in transcript["corrected"][answer]] == [3]


async def test_the_transcript_says_why_and_when_something_was_hidden(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId, int]:
        room = ground.room()
        twice, shown_again = ground.post(room), ground.post(room)
        for post in (twice, shown_again):
            ground.hide(post, "personal")
            ground.restore(post)
        ground.hide(twice, "3")
        return room, twice, ground.at

    room, post, at = await lay(store, build)

    transcript = await store.transcript(room)

    assert transcript["hidden"] == {post: "3"}
    # The event of the moderators' lane that tells of it comes a second later.
    assert transcript["hidden_at"] == {post: at - 1_000}


async def test_the_author_is_told_where_each_own_post_is_and_why(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, list[PostId]]:
        room = ground.room()
        found = [{"phase": "wordlist", "term": "抢", "from": 2, "to": 3, "rule": 4, "list": 1}]
        ground.post(room, "别人的", by="g:other", state="pending")
        ground.post(room, "也是别人的", by="g:other", state="pending")
        waiting = ground.post(room, "我的", state="pending", cid="c1", reasons=found)
        refused = ground.post(room, "不行的", state="pending", cid="c2", reasons=[{"phase": "links", "rule": 4}])
        ground.rule(refused, "reject", reason="3", note="请去掉电话号码")
        shown = ground.post(room, "放出来的", cid="c3", reasons=found)
        ground.post(ground.room(), "另一场的", cid="c4")
        return room, [shown, refused, waiting]

    room, posts = await lay(store, build)

    mine = await store.my(room, UserId(ASKER), 10)

    shown, refused, waiting = mine["posts"]
    assert [post["post"] for post in mine["posts"]] == posts
    assert mine["mute"] is None
    assert (waiting["state"], waiting["waiting"], waiting["ahead"], waiting["cid"]) == ("pending", True, 2, "c1")
    assert (waiting["reasons"], waiting["rule"]) == ([{"phase": "wordlist", "rule": 4}], 4)
    assert (refused["state"], refused["reason"], refused["note"]) == ("rejected", "3", "请去掉电话号码")
    assert refused["rule"] == 3
    assert (shown["state"], shown["number"], shown["seq"], shown["body"]) == ("published", 1, 1, "放出来的")
    assert not shown.keys() & {"ahead", "reasons", "rule"}, "what was found in a text that is shown is for moderators"
    assert len((await store.my(room, UserId(ASKER), 2))["posts"]) == 2


async def test_a_revision_under_way_is_the_authors_newest_text(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        ground.revise(ground.post(room, "旧"), "新", publish=False)
        return room

    room = await lay(store, build)

    [post] = (await store.my(room, UserId(ASKER), 10))["posts"]
    [item] = (await store.snapshot(room, Lane.PUB, 10)).items

    assert (post["body"], post["ver"], post["state"], post["waiting"], post["ahead"]) == ("新", 2, "published", True, 0)
    assert (item["body"], item["ver"]) == ("旧", 1)


async def test_only_a_public_post_has_a_thread_to_write_in(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId, PostId, list[PostId]]:
        room = ground.room()
        asked = ground.post(room)
        answered = ground.reply(room, asked, "三元")
        hidden = ground.post(room)
        ground.hide(hidden)
        note = ground.reply(room, asked, "内部", kind=PostKind.NOTE)
        return room, asked, answered, [hidden, note, ground.post(room, state="pending"), PostId("unknown")]

    room, asked, answered, others = await lay(store, build)

    assert await store.thread_of(asked) == await store.thread_of(answered) == (room, asked)
    assert [await store.thread_of(post) for post in others] == [None] * 4
    assert await store.thread_of(PostId("\x00")) is None


async def test_own_votes_are_those_of_this_room_that_still_stand(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId, PostId]:
        room = ground.room()
        up, down, taken_back = ground.post(room), ground.post(room), ground.post(room)
        elsewhere = ground.post(ground.room())
        cast = ((up, ASKER, 1), (down, ASKER, -1), (taken_back, ASKER, 0), (elsewhere, ASKER, 1), (down, "g:other", 1))
        for post, voter, value in cast:
            ground.put(vote, post_id=post, voter_id=voter, value=value, at=NOW)
        return room, up, down

    room, up, down = await lay(store, build)

    assert (await store.my(room, UserId(ASKER), 10))["votes"] == {up: 1, down: -1}
    assert (await store.my(room, UserId("g:nobody"), 10))["votes"] == {}


async def test_the_typical_wait_is_the_middle_of_the_newest_verdicts_here(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, RoomId]:
        room, other = ground.room(), ground.room()
        for wait_s in (10, 20, 90):
            post = ground.post(room, state="pending")
            asked = ground.at
            seq = ground.say(room, Lane.MOD, "verdict", ref=post, version=1, ver=1, verdict="publish", author=ASKER)
            ground.change_event(room, Lane.MOD, seq, at=asked + wait_s * 1_000)
            ground.say(room, Lane.MOD, "queue", waiting=1)
        return room, other

    room, other = await lay(store, build)

    assert (await store.my(room, UserId(ASKER), 10))["wait_p50_s"] == 20
    assert (await store.my(other, UserId(ASKER), 10))["wait_p50_s"] is None


async def test_the_longest_mute_in_force_counts_here_and_everywhere(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, RoomId]:
        room, other = ground.room(), ground.room()

        def mute(n: int, where: RoomId | None, until: int, lifted: int | None = None) -> None:
            ground.put(
                sanction,
                id=f"s{n}",
                user_id=ASKER,
                subject=ASKER,
                room_id=where,
                until=until,
                reason="flood",
                rule=5,
                created_by="moderator1",
                created_at=NOW,
                lifted_at=lifted,
            )

        mute(1, room, NOW + 100)
        mute(2, None, NOW + 50)
        mute(3, room, NOW + 900, lifted=NOW)
        mute(4, room, NOW)
        return room, other

    room, other = await lay(store, build)

    assert await store.muted_until(room, UserId(ASKER), NOW) == NOW + 100
    assert await store.muted_until(other, UserId(ASKER), NOW) == NOW + 50
    assert await store.muted_until(room, UserId(ASKER), NOW + 100) is None
    assert await store.muted_until(room, UserId("g:other"), NOW) is None
    told = {"sanction": "s1", "kind": "mute", "until": NOW + 100, "reason": "flood", "rule": 5}
    assert (await store.my(room, UserId(ASKER), 1))["mute"] == told
