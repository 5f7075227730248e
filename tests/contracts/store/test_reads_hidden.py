"""Hidden means hidden: looked for in the raw bytes of everything the store can be asked for.

The marks are in the text and in the author's name. Switching the redaction join off must make the search find them: a
search that never finds anything proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pytest
from sqlalchemy import delete, true

from kernel.ids import PostId, RoomId, UserId
from persistence import items
from persistence.exporting import export_lines, render_transcript
from persistence.schema import post_version
from persistence.store import Store
from rooms.model import Lane, PostKind
from tests.contracts.store.ground import ASKER, Ground, lay

pytestmark = pytest.mark.anyio

MARK = "机密词7f3a"
NAME = "匿名者9c1d"
SHOWN = "看得见的话"
HIDDEN_KINDS = ["question", "reply", "notice", "comment", "note"]


def _hidden_post(ground: Ground, room: RoomId, kind: str) -> PostId:
    asked = ground.post(room, SHOWN)
    changes: dict[str, Any] = {"kind": PostKind(kind), "name": NAME}
    if kind == "question":
        return ground.post(room, MARK, **changes)
    return ground.reply(room, asked, MARK, **changes)


def _hide(kind: str) -> Callable[[Ground, RoomId], None]:
    return lambda ground, room: (ground.hide(_hidden_post(ground, room, kind)), None)[1]


def _unpublished(state: str) -> Callable[[Ground, RoomId], None]:
    return lambda ground, room: (ground.post(room, MARK, name=NAME, state=state), None)[1]


def _edited_and_hidden(ground: Ground, room: RoomId) -> None:
    post = ground.post(room, f"{MARK} 一", name=NAME)
    ground.revise(post, f"{MARK} 二", publish=True)
    ground.mark(post, "pin", True)
    ground.mark(post, "stage", True)
    ground.hide(post)


def _hidden_restored_hidden(ground: Ground, room: RoomId) -> None:
    post = ground.post(room, MARK, name=NAME)
    ground.hide(post)
    ground.restore(post)
    ground.hide(post)


def _edited_while_hidden(ground: Ground, room: RoomId) -> None:
    post = ground.post(room, f"{MARK} 一", name=NAME)
    ground.hide(post)
    ground.revise(post, f"{MARK} 二", publish=True)


def _hidden_root_with_answers(ground: Ground, room: RoomId) -> None:
    post = ground.post(room, MARK, name=NAME)
    ground.reply(room, post, SHOWN)
    ground.hide(post)


def _claimed_by_another_lane(ground: Ground, room: RoomId) -> None:
    """An event on `pub` that says it publishes a note: the post's own lane is what counts."""
    note = ground.post(room, MARK, kind=PostKind.NOTE, name=NAME)
    ground.say(room, Lane.PUB, "msg", ref=note, version=1)
    ground.hide(note)


def _published_before_its_time(ground: Ground, room: RoomId) -> None:
    """Events that say they publish what is still waiting, refused, or newer than what is shown."""
    for state in ("pending", "rejected", "withdrawn"):
        post = ground.post(room, MARK, name=NAME, state=state)
        ground.say(room, Lane.PUB, "msg", ref=post, version=1)
    post = ground.post(room, SHOWN)
    ground.revise(post, MARK, publish=False)
    ground.say(room, Lane.PUB, "edit", ref=post, version=2)


def _meta_with_a_body(ground: Ground, room: RoomId) -> None:
    ground.say(room, Lane.PUB, "redact", body=MARK, reason="personal")
    ground.say(room, Lane.PUB, "surprise", body=MARK, state=MARK)


CASES: dict[str, Callable[[Ground, RoomId], None]] = {
    **{f"hidden {kind}": _hide(kind) for kind in HIDDEN_KINDS},
    **{state: _unpublished(state) for state in ("pending", "rejected", "withdrawn")},
    "edited and hidden": _edited_and_hidden,
    "hidden, restored, hidden": _hidden_restored_hidden,
    "edited while hidden": _edited_while_hidden,
    "hidden root with answers": _hidden_root_with_answers,
    "another lane's": _claimed_by_another_lane,
    "published before its time": _published_before_its_time,
    "meta with a body": _meta_with_a_body,
}


async def told(store: Store, room: RoomId) -> bytes:
    """All that anybody but the author and the moderators' queue can be told about a room."""
    transcript = await store.transcript(room)
    answers: list[Any] = [
        await store.room(room),
        await store.rooms(None, None, 100),
        list((await store.heads([room])).values()),
        [await store.events(room, lane, 0, 1_000) for lane in Lane],
        [await store.events(room, lane, seq, 1) for lane in Lane for seq in range(8)],
        [await store.snapshot(room, lane, tail) for lane in Lane for tail in (0, 1, 50)],
        await store.questions(room, None, 100),
        transcript,
        render_transcript(transcript, "csv"),
        render_transcript(transcript, "md"),
        await store.my(room, UserId("g:somebody else"), 100),
        await store.receipt(room, UserId(ASKER), "no such cid"),
        await store.surroundings(room, UserId("g:somebody else"), PostKind.QUESTION),
        await store.departments(),
    ]
    return orjson.dumps(answers, option=orjson.OPT_NON_STR_KEYS, default=list)


async def leaks(store: Store, cases: Iterable[str]) -> list[str]:
    """The cases in which a mark is found, and `export` if it is found there."""
    found: list[str] = []
    for case in cases:
        room = await _room_with(store, case)
        if _marked(await told(store, room)):
            found.append(case)
    if _marked(b"".join([line async for line in export_lines(store)])):
        found.append("export")
    return found


async def _room_with(store: Store, case: str) -> RoomId:
    room = await lay(store, lambda ground: ground.room())
    await lay(store, lambda ground: CASES[case](ground, room))
    return room


def _marked(raw: bytes) -> bool:
    """Either as it is or as JSON would escape it."""
    return any(mark.encode() in raw or ascii(mark)[1:-1].encode() in raw for mark in (MARK, NAME))


async def test_nothing_hidden_is_in_any_byte(store: Store) -> None:
    assert await leaks(store, CASES) == []


@pytest.mark.parametrize("lock", ["may_show", "may_select"])
async def test_either_lock_holds_alone(store: Store, lock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, lock, lambda *_: True if lock == "may_show" else true())

    assert await leaks(store, CASES) == []


async def test_without_the_redaction_join_the_search_finds_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "may_show", lambda *_: True)
    monkeypatch.setattr(items, "may_select", lambda *_: true())
    # These no join keeps back: nothing refers to an unpublished post, and no field shows such a meta.
    unread = {"pending", "rejected", "withdrawn", "meta with a body"}

    assert await leaks(store, CASES) == [*(case for case in CASES if case not in unread), "export"]


@pytest.mark.parametrize("lock", [None, "may_show", "may_select"])
async def test_what_is_said_backstage_is_in_no_byte_of_the_public_lane(
    store: Store, lock: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not below the question it is about, not when it is pinned, and not where an event of `pub` claims it."""

    def build(ground: Ground) -> RoomId:
        room = ground.room()
        note = ground.reply(room, ground.post(room, SHOWN), MARK, kind=PostKind.NOTE)
        ground.mark(note, "pin", True)
        ground.say(room, Lane.PUB, "msg", ref=note, version=1)
        ground.say(room, Lane.PUB, "restore", ref=note, version=1)
        return room

    if lock is not None:
        monkeypatch.setattr(items, lock, lambda *_: True if lock == "may_show" else true())
    room = await lay(store, build)

    public = [
        await store.events(room, Lane.PUB, 0, 100),
        await store.snapshot(room, Lane.PUB, 100),
        await store.questions(room, None, 100),
        await store.transcript(room),
    ]

    assert not _marked(orjson.dumps(public, option=orjson.OPT_NON_STR_KEYS))
    assert _marked(orjson.dumps(await store.snapshot(room, Lane.DESK, 100), option=orjson.OPT_NON_STR_KEYS))


async def test_a_hidden_post_leaves_a_numbered_gap_and_nothing_else(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, PostId]:
        room = ground.room()
        post = ground.post(room, MARK)
        ground.revise(post, MARK, publish=True)
        ground.hide(post)
        ground.restore(post)
        ground.hide(post)
        return room, post

    room, post = await lay(store, build)

    replayed = (await store.events(room, Lane.PUB, 0, 10)).items
    [present] = (await store.snapshot(room, Lane.PUB, 10)).items
    [thread], _ = await store.questions(room, None, 10)
    transcript = await store.transcript(room)

    gaps = [replayed[0], replayed[1], replayed[3], present]
    for item, (seq, kind) in zip(gaps, [(1, "msg"), (2, "edit"), (4, "restore"), (1, "msg")], strict=True):
        assert item.pop("at") > 0
        assert item == {"s": seq, "k": kind, "id": post, "redacted": True}
    assert [item["reason"] for item in replayed if item["k"] == "redact"] == ["personal", "personal"]
    assert (thread["number"], thread["redacted"], thread["tally"], thread["replies"]) == (1, True, [0, 0], [])
    assert transcript["hidden"] == {post: "personal"}


async def test_answers_to_a_hidden_question_stay(store: Store) -> None:
    room = await lay(store, lambda ground: ground.room())
    await lay(store, lambda ground: _hidden_root_with_answers(ground, room))

    [thread], _ = await store.questions(room, None, 10)
    transcript = await store.transcript(room)

    assert [reply["body"] for reply in thread["replies"]] == [SHOWN]
    assert [reply["body"] for reply in transcript["questions"][0]["replies"]] == [SHOWN]


async def test_what_is_restored_is_whole_again(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        post = ground.post(room, SHOWN)
        ground.hide(post)
        ground.restore(post)
        return room

    room = await lay(store, build)

    first, _, restored = (await store.events(room, Lane.PUB, 0, 10)).items

    assert first["body"] == restored["body"] == SHOWN
    # Who joined in between has only the gap: the restoration brings everything that was in it.
    assert {key: value for key, value in restored.items() if key not in ("s", "k", "at")} == {
        key: value for key, value in first.items() if key not in ("s", "k", "at")
    }


async def test_a_text_that_has_been_erased_is_a_gap_too(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        ground.post(room, MARK)
        ground.connection.execute(delete(post_version))
        return room

    room = await lay(store, build)

    assert (await store.events(room, Lane.PUB, 0, 1)).items[0]["redacted"] is True
    assert (await store.snapshot(room, Lane.PUB, 1)).items[0]["redacted"] is True


async def test_author_ids_are_on_the_moderators_lane_only(store: Store) -> None:
    def build(ground: Ground) -> RoomId:
        room = ground.room()
        post = ground.post(room, SHOWN)
        ground.hide(post)
        told: dict[str, Any] = {"author": ASKER, "until": 5, "reason": "flood"}
        ground.say(room, Lane.MOD, "sanction", **told)
        # The same on a lane it does not belong to shows nothing.
        ground.say(room, Lane.PUB, "sanction", **told)
        ground.say(room, Lane.DESK, "hidden", ref=post, author=ASKER, by={"name": "m", "id": "m"})
        return room

    room = await lay(store, build)

    for public in (Lane.PUB, Lane.DESK):
        raw = orjson.dumps([await store.events(room, public, 0, 99), await store.snapshot(room, public, 99)])
        assert ASKER.encode() not in raw
    moderators = orjson.dumps(await store.events(room, Lane.MOD, 0, 99))
    assert moderators.count(ASKER.encode()) == 2


async def test_the_author_sees_the_own_posts_wherever_they_are_but_not_a_hidden_text(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, dict[str, PostId]]:
        room = ground.room()
        posts = {
            state: ground.post(room, f"{state} 的话", state=state)
            for state in ("pending", "published", "rejected", "withdrawn")
        }
        posts["hidden"] = ground.post(room, MARK)
        ground.hide(posts["hidden"], "personal")
        return room, posts

    room, posts = await lay(store, build)

    mine = await store.my(room, UserId(ASKER), 10)

    bodies = {post["post"]: post["body"] for post in mine["posts"]}
    assert bodies == {post: "" if state == "hidden" else f"{state} 的话" for state, post in posts.items()}
    assert mine["posts"][0]["hidden"] == "personal"
    assert mine["posts"][0]["post"] == posts["hidden"]
