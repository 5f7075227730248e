"""Hiding a published post and showing it again: the public lane says so, and the moderators' lane says who."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kernel.permissions import Actor
from kernel.refusals import Refusal
from rooms.merging import MERGED, part
from rooms.model import Lane, Post
from rooms.sealing import Sealed
from rooms.working_set import Draft, WorkingSet, named

# Why a post is hidden that its author took back.
WITHDRAWN: Final = "withdrawn"


def hide(ws: WorkingSet, post: Post, reason: str, by: Actor, at: int, *, first: Mapping[str, Any] | None = None) -> int:
    """Redacts a shown post; answers the number of the redaction. `first`: who proposed what `by` confirmed."""
    draft = Draft(post.room, post.kind.lane, "redact", at, ref=post.id, meta={"reason": reason})
    post.hidden_seq = ws.record(draft)
    keep_hidden(ws, post, reason, by, at, first=first)
    return post.hidden_seq


def keep_hidden(
    ws: WorkingSet, post: Post, reason: str, by: Actor, at: int, *, first: Mapping[str, Any] | None = None
) -> None:
    """Hidden for this reason now. Whoever reads the post's own lane has been told that it is hidden, or just is."""
    post.hidden = reason
    if reason != WITHDRAWN and post.shown_version is not None:
        # What its author took back is nobody's evidence.
        why = Sealed.MERGED if reason == MERGED else Sealed.HIDDEN
        ws.seal(post, post.shown_version, why, by.id, reason, at)
    if by.id is not None:
        ws.hiders[post.id] = by.id
        if first is not None:
            ws.proposers.setdefault((post.id, by.id), set()).add(first["id"])
    told = {"reason": reason, **_who(post, by)} | ({} if first is None else {"first": dict(first)})
    ws.record(Draft(post.room, Lane.MOD, "hidden", at, ref=post.id, meta=told))


def show(ws: WorkingSet, post: Post, reason: str, by: Actor, at: int) -> int:
    """Takes the redaction back, with the newest published text; answers the number of the event.

    What was merged into another question stands for itself again. Refused: `no_post` where the text was erased.
    """
    said = ws.texts.get((post.id, post.shown_version)) if post.shown_version is not None else None
    if said is not None and said.erased:
        raise Refusal("no_post")
    part(ws, post, at)
    post.hidden = None
    draft = Draft(post.room, post.kind.lane, "restore", at, ref=post.id, version=post.shown_version)
    post.hidden_seq = ws.record(draft)
    ws.record(Draft(post.room, Lane.MOD, "shown", at, ref=post.id, meta={"reason": reason, **_who(post, by)}))
    return post.hidden_seq


def _who(post: Post, by: Actor) -> dict[str, Any]:
    return {"by": named(by), "author": post.author.id}
