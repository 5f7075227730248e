"""Hiding a published post and showing it again: the public lane says so, and the moderators' lane says who."""

from __future__ import annotations

from typing import Any

from kernel.permissions import Actor
from rooms.model import Lane, Post
from rooms.working_set import Draft, WorkingSet, named


def hide(ws: WorkingSet, post: Post, reason: str, by: Actor, at: int) -> int:
    """Redacts a shown post; answers the number of the redaction."""
    post.hidden = reason
    draft = Draft(post.room, post.kind.lane, "redact", at, ref=post.id, meta={"reason": reason})
    post.hidden_seq = ws.record(draft)
    ws.record(Draft(post.room, Lane.MOD, "hidden", at, ref=post.id, meta={"reason": reason, **_who(post, by)}))
    return post.hidden_seq


def show(ws: WorkingSet, post: Post, reason: str, by: Actor, at: int) -> int:
    """Takes the redaction back, with the newest published text; answers the number of the event."""
    post.hidden = None
    draft = Draft(post.room, post.kind.lane, "restore", at, ref=post.id, version=post.shown_version)
    post.hidden_seq = ws.record(draft)
    ws.record(Draft(post.room, Lane.MOD, "shown", at, ref=post.id, meta={"reason": reason, **_who(post, by)}))
    return post.hidden_seq


def _who(post: Post, by: Actor) -> dict[str, Any]:
    return {"by": named(by), "author": post.author.id}
