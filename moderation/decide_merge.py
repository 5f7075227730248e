"""The decision that several questions are one: one is shown, the others point to it, each with its own outcome."""

from __future__ import annotations

from typing import Final

from kernel.ids import PostId
from kernel.refusals import Refusal
from moderation.commands import MERGE, Decide, Merge, Merged, Ruling
from moderation.decide_leases import held_post
from moderation.decide_rulings import rule, tell_verdict
from rooms.commands import PostReceipt
from rooms.hiding import hide
from rooms.merging import MERGED, begun_by, join
from rooms.model import Post, PostState
from rooms.publishing import receipt
from rooms.sealing import Sealed
from rooms.working_set import AuditEntry, Question, RulingEntry, WorkingSet, signed

# The published rule: a duplicate, whose author is told the original.
_RULE: Final = "6"


def merge(ws: WorkingSet, command: Merge) -> Merged:
    into = ws.post(command.post)
    target = _question(ws, into)
    if target.merged_into is not None:
        raise Refusal("conflict")
    shown = _shown(ws, command, into)
    outcomes = [(post, _tried(ws, command, target, post, ver)) for post, ver in command.posts]
    return Merged(shown, target.askers, tuple(outcomes))


def _shown(ws: WorkingSet, command: Merge, into: Post) -> PostReceipt:
    """The one that everybody sees: published with this, unless it is already."""
    if into.state is PostState.PUBLISHED and into.hidden is None:
        return receipt(into)
    if not into.waiting:
        raise Refusal("no_post")
    return rule(ws, Decide(into.id, command.ver, Ruling.PUBLISH, None, None, command.by, command.at))


def _tried(ws: WorkingSet, command: Merge, target: Question, post: PostId, ver: int) -> str | None:
    try:
        _away(ws, command, target, ws.post(post), ver)
    except Refusal as refusal:
        return refusal.code.name
    return None


def _away(ws: WorkingSet, command: Merge, target: Question, post: Post, ver: int) -> None:
    """Raises before its first change."""
    by, question = signed(command.by), _question(ws, post)
    if question.merged_into == target.id:
        return
    pointed_to = question.askers > 1 or any(one.merged_into == question.id for one in ws.questions)
    if question.id == target.id or question.merged_into is not None or pointed_to or post.room != target.room:
        # What others were merged into stays: they would point to what nobody sees.
        raise Refusal("conflict")
    if post.state is PostState.PUBLISHED and post.hidden is None and not post.waiting:
        if post.version != ver:
            raise Refusal("stale_version")
        hide(ws, post, MERGED, command.by, command.at)
    else:
        held_post(ws, post.id, ver, command.by)
        if post.shown_version is not None:
            raise Refusal("conflict")
        ws.set_waiting(post, False, command.at)
        post.state = PostState.REJECTED
        ruling = RulingEntry(post.id, ver, MERGE, by, _RULE, None, None, command.at)
        ws.rulings.add((post.id, ver), ruling)
        ws.seal(post, ver, Sealed.MERGED, by, _RULE, command.at)
        tell_verdict(ws, post, MERGE, _RULE, command.by, command.at)
    join(ws, question, target, command.at)
    ws.audits.append(AuditEntry("moderation:post:merge", by, post.id, {"ver": ver, "into": target.id}, command.at))


def _question(ws: WorkingSet, post: Post) -> Question:
    """The question that a post begins; anything else cannot be merged."""
    question = begun_by(ws, post)
    if question is None:
        raise Refusal("conflict")
    return question
