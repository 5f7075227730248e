"""Decisions on a published post by those who run the room, and by those who vote on it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kernel.ids import PostId, UserId
from kernel.refusals import Refusal
from rooms.admission import require_taking_part
from rooms.commands import Done, Pin, Redact, Restore, Stage, Vote, Voted
from rooms.hiding import WITHDRAWN, hide, show
from rooms.model import Lane, Post, PostState
from rooms.working_set import AuditEntry, Draft, VoteEntry, WorkingSet, signed


def redact(
    ws: WorkingSet,
    command: Redact,
    detail: Mapping[str, Any] = MappingProxyType({}),
    *,
    first: Mapping[str, Any] | None = None,
) -> Done:
    """`detail` goes into the audit too; `first`: who had proposed it."""
    by = signed(command.by)
    if command.reason == WITHDRAWN:
        # The author's own word: it could not be taken back by those who said it.
        raise Refusal("bad_frame", field="reason")
    post = _published(ws, command.post)
    if post.hidden is not None:
        return Done(_made_so(post, post.hidden_seq))
    number = hide(ws, post, command.reason, command.by, command.at, first=first)
    _audit(ws, "room:post:redact", post, by, {"reason": command.reason, **detail}, command.at)
    return Done(number)


def restore(ws: WorkingSet, command: Restore) -> Done:
    by = signed(command.by)
    post = _published(ws, command.post)
    if post.hidden is None:
        return Done(_made_so(post, post.hidden_seq))
    if post.hidden == WITHDRAWN:
        # Its author took it back: nobody else publishes it again.
        raise Refusal("forbidden")
    number = show(ws, post, command.reason, command.by, command.at)
    _audit(ws, "room:post:restore", post, by, {"reason": command.reason}, command.at)
    return Done(number)


def pin(ws: WorkingSet, command: Pin) -> Done:
    by = signed(command.by)
    post = _on_show(ws, command.post, on=command.on)
    if post.pinned == command.on:
        return Done(_made_so(post, post.pin_seq))
    post.pinned = command.on
    post.pin_seq = ws.record(_flag(post, "pin", command.on, command.at))
    _audit(ws, "room:post:pin", post, by, {"on": command.on}, command.at)
    return Done(post.pin_seq)


def stage(ws: WorkingSet, command: Stage) -> Done:
    by = signed(command.by)
    post = _on_show(ws, command.post, on=command.on)
    if post.staged == command.on:
        return Done(_made_so(post, post.stage_seq))
    if command.on:
        _clear_stage(ws, post, command)
    post.staged = command.on
    post.stage_seq = ws.record(_flag(post, "stage", command.on, command.at))
    _audit(ws, "room:post:stage", post, by, {"on": command.on}, command.at)
    return Done(post.stage_seq)


def _clear_stage(ws: WorkingSet, newcomer: Post, command: Stage) -> None:
    for other in ws.posts:
        if other.staged and other.room == newcomer.room:
            other.staged = False
            other.stage_seq = ws.record(_flag(other, "stage", False, command.at))


def vote(ws: WorkingSet, command: Vote) -> Voted:
    """The last word of each voter counts."""
    post = ws.shown_post(command.post)
    if post.kind.lane is not Lane.PUB:
        raise Refusal("no_post")
    if command.value not in (-1, 0, 1):
        raise Refusal("bad_frame", field="v")
    require_taking_part(ws, ws.room(post.room).room, command.voter, command.sources)
    before = ws.votes.get((post.id, command.voter))
    cast = before.value if before is not None else 0
    if cast != command.value:
        post.up += (command.value == 1) - (cast == 1)
        post.down += (command.value == -1) - (cast == -1)
        ws.votes.add((post.id, command.voter), VoteEntry(post.id, command.voter, command.value, command.at))
        ws.voted.add(post.id)
    return Voted(post.room, post.up, post.down)


def _published(ws: WorkingSet, wanted: PostId) -> Post:
    post = ws.post(wanted)
    if post.state is not PostState.PUBLISHED:
        raise Refusal("no_post")
    return post


def _on_show(ws: WorkingSet, wanted: PostId, *, on: bool) -> Post:
    """Only what everyone sees is put forward; taking back works on what has been hidden since, too."""
    post = ws.shown_post(wanted) if on else _published(ws, wanted)
    if post.kind.lane is not Lane.PUB:
        raise Refusal("no_post")
    return post


def _made_so(post: Post, number: int | None) -> int:
    """The event that made the present state; what never was changed is so since its publication."""
    made = number if number is not None else post.seq
    if made is None:
        raise ValueError(f"published post {post.id} without a number")
    return made


def _flag(post: Post, kind: str, on: bool, at: int) -> Draft:
    return Draft(post.room, post.kind.lane, kind, at, ref=post.id, meta={"on": on})


def _audit(ws: WorkingSet, action: str, post: Post, by: UserId, detail: dict[str, Any], at: int) -> None:
    ws.audits.append(AuditEntry(action, by, post.id, detail, at))
