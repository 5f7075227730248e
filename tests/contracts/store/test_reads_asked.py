"""What moderators read of the desk: questions of theirs about a post and what answers them, on either store."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.clock import FrozenClock
from kernel.ids import IdSource, PostId, RoomId
from kernel.permissions import Actor
from moderation.asking import ASKED_MAX, Asking
from persistence.store import Store
from rooms.commands import PostReceipt, Redact
from rooms.model import Lane, PostKind, PostState
from tests.factories import HOST, MODERATOR, PRICE, guest, post_command, scheduled_room

pytestmark = pytest.mark.anyio
TEXT = "还等着审的一句话"


class Backstage:
    def __init__(self, store: Store, clock: FrozenClock, ids: IdSource, room: RoomId) -> None:
        self.store, self.clock, self.ids, self.room = store, clock, ids, room
        self.asking = Asking(store, clock, ids)
        self.post = PostId("")

    async def say(self, by: Actor, body: str, kind: PostKind, to: PostId | None = None) -> PostId:
        self.clock.advance(1_000)
        judged = PostState.PENDING if kind is PostKind.QUESTION else PostState.PUBLISHED
        sent = post_command(self.room, self.clock, self.ids, by=by, kind=kind, body=body, reply_to=to, judged=judged)
        receipt = await self.store.commit(sent)
        assert isinstance(receipt, PostReceipt)
        return receipt.post

    async def ask(self, body: str, cid: str | None = None) -> PostId:
        self.clock.advance(1_000)
        return (await self.asking.ask(MODERATOR, self.post, cid or self.ids(), body)).post

    async def asked(self) -> list[dict[str, Any]]:
        return await self.asking.asked(MODERATOR, self.post)


@pytest.fixture
async def backstage(store: Store, clock: FrozenClock, ids: IdSource) -> Backstage:
    made = Backstage(store, clock, ids, (await scheduled_room(store, clock, ids, on_air=True)).id)
    made.post = await made.say(guest("asker"), TEXT, PostKind.QUESTION)
    return made


async def test_questions_stand_with_their_answers_in_order(backstage: Backstage) -> None:
    first = await backstage.ask("里程数能公开吗？")
    second = await backstage.ask("那票价呢？")
    await backstage.say(PRICE, "可以。", PostKind.NOTE, first)
    await backstage.say(HOST, "我也看可以。", PostKind.NOTE, first)
    await backstage.say(PRICE, "部门之间的话", PostKind.NOTE)

    shown = await backstage.asked()

    assert [(one["note"], one["body"]) for one in shown] == [(first, "里程数能公开吗？"), (second, "那票价呢？")]
    assert [(one["body"], one["by"]["name"]) for one in shown[0]["answers"]] == [
        ("可以。", PRICE.name),
        ("我也看可以。", HOST.name),
    ]
    assert shown[0]["answers"][0]["by"]["dept"] == PRICE.department
    assert (shown[1]["answers"], shown[0]["by"]) == ([], {"name": MODERATOR.name, "role": "moderator"})
    assert "部门之间的话" not in repr(shown)


async def test_the_desk_is_pointed_to_the_post_and_not_given_its_text(backstage: Backstage) -> None:
    note = await backstage.ask("这个说法属实吗？")

    desk = await backstage.store.snapshot(backstage.room, Lane.DESK, 50)

    (item,) = desk.items
    assert (item["id"], item["kind"], item["reply_to"]) == (note, "note", backstage.post)
    assert TEXT not in repr(desk)


async def test_what_is_hidden_backstage_is_hidden_here_too(backstage: Backstage) -> None:
    first = await backstage.ask("写错了的一问")
    await backstage.ask("重写的一问")
    await backstage.store.commit(Redact(first, "personal", HOST, backstage.clock.now_ms()))

    assert [one["body"] for one in await backstage.asked()] == ["重写的一问"]


async def test_the_newest_are_shown_and_the_same_one_once(backstage: Backstage) -> None:
    for n in range(ASKED_MAX + 1):
        await backstage.ask(f"第 {n} 问", cid=f"c{n}")
    await backstage.ask(f"第 {ASKED_MAX} 问", cid=f"c{ASKED_MAX}")

    shown = await backstage.asked()

    assert [one["body"] for one in shown] == [f"第 {n} 问" for n in range(1, ASKED_MAX + 1)]


async def test_the_public_thread_of_a_post_that_was_asked_about_has_no_note(backstage: Backstage) -> None:
    await backstage.ask("能发吗？")
    with_waiting = await backstage.store.snapshot(backstage.room, Lane.PUB, 50)

    assert "能发吗" not in repr(with_waiting)
    assert await backstage.store.asked(PostId("\x00")) == []
