"""The history of one post, the same on either store: who did what when and why, and only texts that may be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.clock import FrozenClock
from kernel.ids import IdSource, PostId, RoomId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.appeal_commands import Appeal, DecideAppeal
from moderation.commands import Decide, Mask, Pull, Ruling
from persistence.store import Store
from rooms.appeals import AppealState
from rooms.commands import Redact, Restore, RevisePost, WithdrawPost
from rooms.model import PostKind, PostState, Reason
from tests.contracts.store.ground import Ground, lay
from tests.factories import HOST, MODERATOR, guest, post_command, scheduled_room

pytestmark = pytest.mark.anyio
AUTHOR = guest("author")


class Desk:
    """One post of a guest in a room that reads first; every deed a second after the one before."""

    def __init__(self, store: Store, clock: FrozenClock, ids: IdSource, room: RoomId) -> None:
        self.store, self.clock, self.ids, self.room = store, clock, ids, room
        self.post = PostId("")

    async def ask(self, body: str, *, reasons: tuple[Reason, ...] = ()) -> None:
        sent = post_command(self.room, self.clock, self.ids, by=AUTHOR, body=body, judged=PostState.PENDING)
        sent = replace(sent, reasons=reasons)
        self.post = sent.id
        await self.do(sent)

    async def do(self, command: Any) -> Any:
        answer = await self.store.commit(command)
        self.clock.advance(1_000)
        return answer

    async def lease(self) -> None:
        await self.do(Pull(None, 1, MODERATOR, self.clock.now_ms(), 30_000, post=self.post))

    async def rule(self, ver: int, ruling: Ruling, reason: str | None = None, note: str | None = None) -> None:
        await self.lease()
        await self.do(Decide(self.post, ver, ruling, reason, note, MODERATOR, self.clock.now_ms()))

    async def revise(self, ver: int, body: str) -> None:
        now = self.clock.now_ms()
        await self.do(RevisePost(self.post, ver, body, AUTHOR, PostState.PENDING, (), b"s" * 16, now))

    async def history(self, *, unpublished: bool = True, limit: int = 50) -> list[dict[str, Any]]:
        """All pages, oldest first."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = await self.store.item_history(self.post, cursor, limit, unpublished=unpublished)
            assert page is not None
            items, cursor = page
            assert len(items) <= limit
            found.extend(items)
            if cursor is None:
                return found[::-1]


@pytest.fixture
async def desk(store: Store, clock: FrozenClock, ids: IdSource) -> Desk:
    return Desk(store, clock, ids, (await scheduled_room(store, clock, ids, on_air=True)).id)


def told(history: list[dict[str, Any]]) -> list[str]:
    return [one["what"] for one in history]


def texts(history: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["body"], one.get("gone", "")) for one in history if one["what"] == "version"]


async def test_every_version_and_every_deed_stand_in_their_order(desk: Desk) -> None:
    await desk.ask("头一稿")
    await desk.rule(1, Ruling.REJECT, "3", "请去掉名字")
    now = desk.clock.now_ms()
    await desk.do(Appeal("a" * 26, desk.post, None, desk.room, AUTHOR, "请再看看", now))
    now = desk.clock.now_ms()
    judge = Actor(HOST.id, HOST.name, MODERATOR.role)
    reversed_ = AppealState.REVERSED
    await desk.do(DecideAppeal("a" * 26, desk.post, None, desk.room, reversed_, "可以", b"t" * 16, judge, now))
    await desk.do(Redact(desk.post, "personal", MODERATOR, desk.clock.now_ms()))
    await desk.do(Restore(desk.post, "reviewed", HOST, desk.clock.now_ms()))

    history = await desk.history()

    # The appeal that was reversed published a version of its own, in the same moment.
    assert told(history) == [
        *("version", "reject", "appeal"),
        *("version", "reinstate", "appeal.reversed"),
        *("redact", "restore"),
    ]
    assert texts(history) == [("头一稿", ""), ("头一稿", "")]
    first, refused = history[0], history[1]
    assert (first["by"]["name"], first["ver"], first["public"]) == (AUTHOR.name, 1, False)
    assert (refused["by"]["id"], refused["reason"], refused["note"]) == (MODERATOR.id, "3", "请去掉名字")
    assert (history[5]["note"], history[6]["reason"], history[7]["by"]["id"]) == ("可以", "personal", HOST.id)
    for limit in (1, 2, 3):
        assert await desk.history(limit=limit) == history, f"pages of {limit} are the same list"


async def test_a_covered_text_is_in_no_version_and_what_was_never_public_is_for_moderators(desk: Desk) -> None:
    await desk.ask("请打 13800138000 找我")
    await desk.lease()
    await desk.do(Mask(desk.post, 1, ((3, 14),), None, MODERATOR, b"m" * 16, desk.clock.now_ms()))
    await desk.revise(2, "改过的一稿")

    moderators, others = await desk.history(), await desk.history(unpublished=False)

    assert "13800138000" not in repr(moderators)
    assert [gone for _, gone in texts(moderators)] == ["masked", "", ""]
    assert [one.get("sealed") for one in moderators if one["what"] == "version"] == [True, None, None]
    assert texts(moderators)[2][0] == "改过的一稿"
    assert [gone for _, gone in texts(others)] == ["masked", "", "unpublished"]
    assert "改过的一稿" not in repr(others)


async def test_of_what_is_hidden_or_taken_back_there_is_no_text(desk: Desk) -> None:
    await desk.ask("公开过的一稿")
    await desk.rule(1, Ruling.PUBLISH)
    assert texts(await desk.history(unpublished=False)) == [("公开过的一稿", "")]
    await desk.do(Redact(desk.post, "personal", MODERATOR, desk.clock.now_ms()))
    assert texts(await desk.history()) == [("", "hidden")]
    assert (await desk.history())[0]["sealed"]

    await desk.do(WithdrawPost(desk.post, AUTHOR, desk.clock.now_ms()))

    history = await desk.history()
    assert texts(history) == [("", "withdrawn")]
    assert "sealed" not in history[0], "what its author took back is nobody's evidence"
    assert told(history) == ["version", "publish", "redact", "withdrawn"]
    assert history[-1]["by"]["name"] == AUTHOR.name


async def test_what_was_found_in_a_text_is_named_only_to_those_who_read_that_text(desk: Desk) -> None:
    """A term that was found is a piece of the text, and of a list that not everybody reads."""
    await desk.ask("有名单上的词", reasons=(Reason("wordlist", "abuse", term="名单上的词", start=1, end=6, rule=2),))
    waiting, others = await desk.history(), await desk.history(unpublished=False)
    assert waiting[0]["reasons"] == [
        {"phase": "wordlist", "category": "abuse", "term": "名单上的词", "from": 1, "to": 6, "rule": 2}
    ]
    assert "名单上的词" not in repr(others)
    assert others[0]["reasons"] == [{"phase": "wordlist", "category": "abuse", "rule": 2}]

    await desk.lease()
    await desk.do(Mask(desk.post, 1, ((1, 6),), None, MODERATOR, b"m" * 16, desk.clock.now_ms()))

    covered = await desk.history()
    assert "名单上的词" not in repr(covered), "what was covered is opened with a reason, or not read"
    assert [one["reasons"][0]["phase"] for one in covered if "reasons" in one] == ["wordlist"]


async def test_a_note_has_no_history_here_and_neither_has_what_is_not_there(store: Store) -> None:
    def build(ground: Ground) -> tuple[PostId, PostId]:
        room = ground.room()
        asked = ground.post(room)
        return asked, ground.reply(room, asked, "后台的话", kind=PostKind.NOTE)

    asked, note = await lay(store, build)

    for post in (note, PostId("nobody"), PostId("\x00")):
        assert await store.item_history(post, None, 10, unpublished=True) is None
    for cursor in ("", "x", "1.2", "1.2.", "1.0.x", "9" * 17 + ".0.1"):
        with pytest.raises(Refusal, match="bad_request"):
            await store.item_history(asked, cursor, 10, unpublished=True)
