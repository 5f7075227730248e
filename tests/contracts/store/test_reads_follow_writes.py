"""Reads against writes: whatever is committed, hints, replay, snapshots and the transcript tell one story."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, PostId, RoomId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import LiftSanction, Ruling, Sanction
from persistence.store import Store
from rooms.commands import (
    ChangeState,
    Invite,
    Pin,
    PostReceipt,
    Redact,
    Restore,
    RevisePost,
    SetRoom,
    Stage,
    TakeSeat,
    WithdrawPost,
)
from rooms.model import Lane, PostKind, PostState
from rooms.ports import Hint
from tests.contracts.store.ground import Client
from tests.factories import HOST, METRO, MODERATOR, PRICE, decided, guest, live_room, posted, pulled

pytestmark = pytest.mark.anyio

STEPS = 40


class Session:
    """A room in which anything may happen, driven by chance from a seed."""

    def __init__(self, store: Store, clock: FrozenClock, ids: CountingIds, room: RoomId, chance: random.Random) -> None:
        self.store, self.clock, self.ids, self.room, self.chance = store, clock, ids, room, chance
        self.posts: list[tuple[PostId, Actor]] = []
        self.texts = 0
        self.happened: dict[str, int] = {}

    async def step(self) -> None:
        """Something that may well be refused: then nothing has happened."""
        self.clock.advance(self.chance.randint(0, 3_000))
        name = self.chance.choice(sorted(_DOINGS))
        try:
            await _DOINGS[name](self)
        except (Refusal, LookupError):
            return
        self.happened[name] = self.happened.get(name, 0) + 1

    def text(self) -> str:
        self.texts += 1
        return f"第 {self.texts} 段话 🚇"

    def any(self) -> tuple[PostId, Actor]:
        return self.chance.choice(self.posts)

    async def post(self, by: Actor, kind: PostKind, **fields: Any) -> None:
        sent = await posted(self.store, self.room, self.clock, self.ids, by=by, kind=kind, body=self.text(), **fields)
        self.posts.append((sent.post, by))

    async def commit(self, command: Any) -> None:
        await self.store.commit(command)


async def _ask(session: Session) -> None:
    judged = session.chance.choice([PostState.PUBLISHED, PostState.PUBLISHED, PostState.PENDING, PostState.REJECTED])
    await session.post(guest(str(session.chance.randint(1, 3))), PostKind.QUESTION, judged=judged)


async def _answer(session: Session) -> None:
    kind = session.chance.choice([PostKind.REPLY, PostKind.NOTE])
    await session.post(session.chance.choice([PRICE, METRO]), kind, reply_to=session.any()[0])


async def _announce(session: Session) -> None:
    await session.post(HOST, PostKind.NOTICE)


async def _revise(session: Session) -> None:
    post, author = session.any()
    own = await session.store.my(session.room, author.id, 200) if author.id else {"posts": []}
    version = next(one["ver"] for one in own["posts"] if one["post"] == post)
    judged = session.chance.choice([PostState.PUBLISHED, PostState.PENDING])
    at = session.clock.now_ms()
    await session.commit(RevisePost(post, version, session.text(), author, judged, (), b"s" * 16, at))


async def _withdraw(session: Session) -> None:
    post, author = session.any()
    await session.commit(WithdrawPost(post, author, session.clock.now_ms()))


async def _decide(session: Session) -> None:
    for waiting in (await pulled(session.store, session.clock, n=2)).posts:
        ruling = session.chance.choice([Ruling.PUBLISH, Ruling.PUBLISH, Ruling.REJECT])
        await decided(session.store, session.clock, waiting.post, ver=waiting.ver, ruling=ruling)


def _on_a_post(make: Callable[[Session, PostId], Any]) -> Callable[[Session], Awaitable[None]]:
    return lambda session: session.commit(make(session, session.any()[0]))


async def _steer(session: Session) -> None:
    for verb in ("pause", "resume"):
        await session.commit(ChangeState(session.room, verb, HOST, session.clock.now_ms()))


async def _set(session: Session) -> None:
    slow, freeze = session.chance.choice([0, 0, 10]), session.chance.choice([None, None, False])
    await session.commit(SetRoom(session.room, {"slow_ms": slow}, freeze, HOST, session.clock.now_ms()))


async def _sit(session: Session) -> None:
    code, now = session.ids()[-8:], session.clock.now_ms()
    await session.commit(Invite(session.room, METRO.department, code, code * 8, now + 9_000, HOST, now))  # type: ignore[arg-type]
    await session.commit(TakeSeat(code, code * 8, METRO, now))


async def _mute(session: Session) -> None:
    muted, now = guest("3"), session.clock.now_ms()
    if muted.id is not None:
        await session.commit(Sanction(session.ids(), muted.id, session.room, now + 500, "flood", 5, MODERATOR, now))
        await session.commit(LiftSanction(muted.id, session.room, MODERATOR, now))


_DOINGS: dict[str, Callable[[Session], Awaitable[None]]] = {
    "ask": _ask,
    "ask again": _ask,
    "answer": _answer,
    "answer again": _answer,
    "announce": _announce,
    "revise": _revise,
    "withdraw": _withdraw,
    "decide": _decide,
    "redact": _on_a_post(lambda session, post: Redact(post, "personal", MODERATOR, session.clock.now_ms())),
    "restore": _on_a_post(lambda session, post: Restore(post, "mistake", MODERATOR, session.clock.now_ms())),
    "pin": _on_a_post(lambda session, post: Pin(post, True, HOST, session.clock.now_ms())),
    "unpin": _on_a_post(lambda session, post: Pin(post, False, HOST, session.clock.now_ms())),
    "stage": _on_a_post(lambda session, post: Stage(post, True, HOST, session.clock.now_ms())),
    "steer": _steer,
    "set": _set,
    "sit": _sit,
    "mute": _mute,
}


@pytest.fixture(params=range(3))
async def session(request: pytest.FixtureRequest, store: Store, clock: FrozenClock, ids: CountingIds) -> Session:
    room = await live_room(store, clock, ids, premoderate=False)
    session = Session(store, clock, ids, room.id, random.Random(request.param))
    for n in range(4):
        await session.post(guest(str(n)), PostKind.QUESTION)
    return session


async def test_a_hint_has_the_very_items_that_are_read_back(session: Session) -> None:
    heard: list[Hint] = []
    session.store.on_commit(heard.extend)

    for _ in range(STEPS):
        await session.step()
        for hint in heard:
            read = await session.store.events(session.room, hint.lane, hint.a - 1, hint.b - hint.a + 1)
            assert (read.epoch, read.items) == (hint.epoch, hint.items)
        heard.clear()

    assert len(session.happened) >= 10


async def test_whoever_joins_when_sees_the_same(session: Session) -> None:
    lanes = (Lane.PUB, Lane.DESK)
    clients = [await Client.joined(session.store, session.room, lane) for lane in lanes]

    for step in range(STEPS):
        await session.step()
        if step % 10 == 5:
            clients += [await Client.joined(session.store, session.room, lane) for lane in lanes]
        if step % 10 == 9:
            for client in clients:
                await client.catch_up(session.store, session.room)
                newcomer = await Client.joined(session.store, session.room, client.lane)
                assert client.view() == newcomer.view()

    assert len(session.happened) >= 10


async def test_every_lane_is_numbered_without_a_hole_and_ends_at_its_head(session: Session) -> None:
    for _ in range(STEPS):
        await session.step()

    for (_, lane), head in (await session.store.heads([session.room])).items():
        items = (await session.store.events(session.room, lane, 0, 1_000)).items
        assert [item["s"] for item in items] == list(range(1, head.seq + 1))


async def test_socket_pages_and_transcript_tell_the_same(session: Session) -> None:
    for _ in range(STEPS):
        await session.step()

    snapshot = await session.store.snapshot(session.room, Lane.PUB, 200)
    transcript = await session.store.transcript(session.room)
    threads, _ = await session.store.questions(session.room, None, 200)

    assert transcript["items"] == snapshot.items
    assert [thread["replies"] for thread in threads[::-1]] == [one["replies"] for one in transcript["questions"]]
    assert [one["number"] for one in transcript["questions"]] == list(range(1, len(threads) + 1))


async def test_the_receipt_is_what_the_author_was_told(store: Store, clock: FrozenClock, ids: CountingIds) -> None:
    room = await live_room(store, clock, ids, premoderate=False)
    asker = guest()

    told = await posted(store, room.id, clock, ids, by=asker, cid="the same")

    assert asker.id is not None
    known = await store.receipt(room.id, asker.id, "the same")
    assert known == PostReceipt(told.post, room.id, PostState.PUBLISHED, 1, told.seq, 1, (), repeated=True)
