"""What every way of publishing shares: numbers, the event, and where a post stands afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.permissions import Role
from rooms.commands import PostReceipt
from rooms.model import Policy, Post, PostKind, PostState, Reason, StaffReview, Trust
from rooms.working_set import Draft, WorkingSet


def effective_verdict(policy: Policy, kind: PostKind, role: Role, judged: PostState, trust: Trust) -> PostState:
    """What becomes of a post with this verdict of the phases, under the policy as it is now.

    `trust` is what was thought of its author when the phases judged it.
    """
    if kind is PostKind.NOTE:
        # Backstage is never held: a revision, judged without knowing its kind, is not either.
        return PostState.PUBLISHED
    if judged is PostState.REJECTED:
        return judged
    if role is Role.NETIZEN:
        return PostState.PENDING if policy.holds(trust) else judged
    return PostState.PUBLISHED if policy.staff is StaffReview.AUTO else PostState.PENDING


def reasons_for(verdict: PostState, judged: PostState, found: Sequence[Reason]) -> tuple[Reason, ...]:
    """The phases' reasons, and the room's own rule where it is that which holds the post."""
    if verdict is PostState.PUBLISHED:
        return ()
    if verdict is PostState.PENDING and judged is PostState.PUBLISHED:
        return (*found, Reason(phase="premoderation"))
    return tuple(found)


def publish(ws: WorkingSet, post: Post, at: int) -> int:
    """Shows the post's newest text to the lane of its kind: its publication, or an edit. Answers the event's number."""
    first = post.shown_version is None
    post.shown_version = post.version
    draft = Draft(post.room, post.kind.lane, "msg" if first else "edit", at, ref=post.id, version=post.version)
    number = ws.record(draft)
    if first:
        post.state = PostState.PUBLISHED
        post.seq = number
        _advance_question(ws, post)
    return number


def _advance_question(ws: WorkingSet, post: Post) -> None:
    question = ws.questions.get(post.question) if post.question is not None else None
    if question is None:
        return
    if post.kind is PostKind.QUESTION:
        entry = ws.room(post.room)
        entry.last_number += 1
        question.number = post.number = entry.last_number
        question.state = "asked"
    elif post.kind is PostKind.REPLY:
        question.state = "answered"


def receipt(post: Post, *, repeated: bool = False) -> PostReceipt:
    """Where the post stands, as its author is told."""
    return PostReceipt(
        post=post.id,
        room=post.room,
        state=post.state,
        version=post.version,
        seq=post.seq,
        number=post.number,
        reasons=post.reasons,
        repeated=repeated,
    )
