"""One batch of commands, from reading to the last row: what runs inside one transaction on either engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from kernel.ids import IdSource, PostId, RoomId
from kernel.refusals import Refusal
from moderation.commands import Command, Merged, Outcome
from moderation.decide import decide
from persistence.flush import Numbered, Numbers, flush
from persistence.items import build_item
from persistence.known_heads import KnownHeads
from persistence.loading import load
from rooms.commands import Done, PostReceipt, RoomChanged
from rooms.model import Lane
from rooms.ports import Hint, Item
from rooms.working_set import Draft, WorkingSet

Answer = Outcome | Refusal


def execute(
    connection: Connection, batch: Sequence[Command], now: int, ids: IdSource, known: KnownHeads
) -> tuple[list[Answer], list[Hint]]:
    """The outcome or the refusal of each command, in order, and what to tell once it is committed."""
    ws = load(connection, batch, now)
    answers = [_answer(ws, command) for command in batch]
    ws.close()
    numbers = flush(connection, ws, ids, known)
    return [_numbered(answer, numbers) for answer in answers], _hints(ws, numbers)


def _answer(ws: WorkingSet, command: Command) -> Answer:
    try:
        return decide(ws, command)
    except Refusal as refusal:
        return refusal


def _numbered(answer: Answer, numbers: Numbers) -> Answer:
    if isinstance(answer, PostReceipt):
        if answer.seq is None:
            return answer
        return PostReceipt(
            answer.post,
            answer.room,
            answer.state,
            answer.version,
            numbers.real(answer.seq),
            answer.number,
            answer.reasons,
            answer.repeated,
        )
    if isinstance(answer, Merged):
        into = _numbered(answer.into, numbers)
        return replace(answer, into=into) if isinstance(into, PostReceipt) else answer
    if isinstance(answer, RoomChanged | Done):
        return replace(answer, seq=numbers.real(answer.seq) or 0)
    return answer


def _hints(ws: WorkingSet, numbers: Numbers) -> list[Hint]:
    hints = {(one.room, one.lane): _hint(ws, one) for one in numbers.lanes}
    for room, tally in _tallies(ws).items():
        hint = hints.get((room, Lane.PUB))
        if hint is None:
            # Votes have no number: an empty range after the head says that nothing else happened.
            entry = ws.room(room)
            hint = hints[room, Lane.PUB] = Hint(room, Lane.PUB, entry.epoch, entry.head + 1, entry.head, [])
        hint.tally.update(tally)
    return list(hints.values())


def _hint(ws: WorkingSet, one: Numbered) -> Hint:
    items = [_item(ws, draft, one.a + place) for place, draft in enumerate(one.drafts)]
    return Hint(one.room, one.lane, one.epoch, one.a, one.b, items)


def _item(ws: WorkingSet, draft: Draft, seq: int) -> Item:
    post = ws.posts.get(draft.ref) if draft.ref is not None else None
    text = ws.texts.get((draft.ref, draft.version)) if draft.ref is not None and draft.version is not None else None
    return build_item(
        seq=seq,
        kind=draft.kind,
        ref=draft.ref or draft.room,
        at=draft.at,
        meta=draft.meta,
        version=draft.version,
        post=post,
        body=text.body if text is not None else None,
        lane=draft.lane,
    )


def _tallies(ws: WorkingSet) -> dict[RoomId, dict[PostId, tuple[int, int]]]:
    tallies: dict[RoomId, dict[PostId, tuple[int, int]]] = {}
    for voted in ws.voted:
        post = ws.posts[voted]
        tallies.setdefault(post.room, {})[voted] = (post.up, post.down)
    return tallies
