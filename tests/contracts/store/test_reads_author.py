"""What moderators are shown of an author, the same on either store; of what is hidden, not a byte."""

from __future__ import annotations

import pytest

from kernel.ids import PostId, RoomId, UserId
from persistence.schema import sanction
from persistence.store import Store
from rooms.model import PostKind
from tests.contracts.store.ground import ASKER, NOW, Ground, lay

pytestmark = pytest.mark.anyio
MARK = "甲乙丙丁机密"


async def test_an_authors_deeds_are_counted_and_the_newest_shown(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, dict[str, PostId]]:
        room, other = ground.room(), ground.room()
        posts = {"published": ground.post(room, "公开的"), "elsewhere": ground.post(other, "另一场的")}
        ground.post(room, "别人的", by="g:other")
        posts["hidden"] = ground.post(room, MARK)
        ground.hide(posts["hidden"], "personal")
        posts["refused"] = ground.post(room, "不行的", state="pending")
        ground.rule(posts["refused"], "reject", reason="3")
        posts["withdrawn"] = ground.post(room, MARK, state="withdrawn")
        posts["pending"] = ground.post(room, "等着的", state="pending")
        return room, posts

    room, posts = await lay(store, build)

    everywhere = await store.author_history(UserId(ASKER), None)
    here = await store.author_history(UserId(ASKER), room)

    assert everywhere["counts"] == {"published": 2, "hidden": 1, "refused": 1, "withdrawn": 1, "pending": 1}
    assert here["counts"] == {**everywhere["counts"], "published": 1}
    order = ["pending", "withdrawn", "refused", "hidden", "elsewhere", "published"]
    assert [one["post"] for one in everywhere["posts"]] == [posts[name] for name in order]
    assert [one["body"] for one in everywhere["posts"]] == ["等着的", "", "不行的", "", "另一场的", "公开的"]
    assert posts["elsewhere"] not in {one["post"] for one in here["posts"]}
    assert MARK not in repr(everywhere)
    refused, hidden, published = everywhere["posts"][2], everywhere["posts"][3], everywhere["posts"][5]
    assert (refused["state"], refused["reason"]) == ("rejected", "3")
    assert hidden["hidden"] == "personal"
    assert (published["number"], published["waiting"], published["kind"]) == (1, False, "question")


async def test_notes_are_no_business_of_moderators(store: Store) -> None:
    def build(ground: Ground) -> None:
        room = ground.room()
        asked = ground.post(room)
        ground.reply(room, asked, MARK, kind=PostKind.NOTE)
        ground.reply(room, asked, "三元")

    await lay(store, build)

    found = await store.author_history(UserId("price1"), None)

    assert (found["counts"]["published"], [one["body"] for one in found["posts"]]) == (1, ["三元"])


async def test_at_most_ten_posts_and_the_sanctions_that_concern_the_room(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, RoomId]:
        room, other = ground.room(), ground.room()
        for n in range(12):
            ground.post(room, f"{n}")
        for n, (where, lifted) in enumerate(((room, None), (None, NOW), (other, None))):
            ground.put(
                sanction,
                id=f"s{n}",
                user_id=ASKER,
                room_id=where,
                until=NOW + n,
                reason="flood",
                rule=5,
                created_by="moderator1",
                created_at=NOW,
                lifted_at=lifted,
            )
        return room, other

    room, other = await lay(store, build)

    here = await store.author_history(UserId(ASKER), room)
    everywhere = await store.author_history(UserId(ASKER), None)

    assert [one["body"] for one in here["posts"]] == [f"{n}" for n in range(11, 1, -1)]
    assert [(one["room"], one["lifted_at"]) for one in here["sanctions"]] == [(None, NOW), (room, None)]
    assert here["sanctions"][1] == {
        "kind": "mute", "room": room, "until": NOW, "reason": "flood", "rule": 5, "at": NOW, "lifted_at": None,
        "by": "account",
    }  # fmt: skip
    assert [one["room"] for one in everywhere["sanctions"]] == [other, None, room]


@pytest.mark.parametrize("author", ["g:nobody", "\x00", ""])
async def test_an_unknown_author_did_nothing(store: Store, author: str) -> None:
    found = await store.author_history(UserId(author), None)

    assert set(found["counts"].values()) == {0}
    assert (found["posts"], found["sanctions"]) == ([], [])
