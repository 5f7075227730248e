"""Questions that ask the same become one: the one everybody sees counts its askers, the others point to it.

A merged question keeps its row and its asker; its text is shown nowhere, as that of any rejected or hidden post.
"""

from __future__ import annotations

from typing import Final

from kernel.ids import PostId
from rooms.model import Lane, Post
from rooms.working_set import Draft, Question, WorkingSet

# Why a published question that was merged into another is hidden.
MERGED: Final = "merged"


def begun_by(ws: WorkingSet, post: Post) -> Question | None:
    """The question that this post asks, whose id is its own; None for whatever stands below one."""
    question = ws.questions.get(post.question) if post.question is not None else None
    return question if question is not None and PostId(question.id) == post.id else None


def join(ws: WorkingSet, question: Question, target: Question, at: int) -> None:
    """`question` is asked by `target` from now on; one who asks twice is one asker."""
    question.merged_into = target.id
    if question.asker != target.asker:
        _count(ws, target, 1, at)


def part(ws: WorkingSet, post: Post, at: int) -> None:
    """The question of this post stands for itself again, if it was merged into another."""
    question = begun_by(ws, post)
    if question is None or question.merged_into is None:
        return
    target = ws.questions[question.merged_into]
    question.merged_into = None
    if question.asker != target.asker:
        _count(ws, target, -1, at)


def _count(ws: WorkingSet, target: Question, change: int, at: int) -> None:
    target.askers += change
    root = ws.posts.get(PostId(target.id))
    if root is not None:
        root.askers = target.askers
    ws.record(Draft(target.room, Lane.PUB, "askers", at, ref=PostId(target.id), meta={"askers": target.askers}))
