"""The calls about sealed evidence: opening one, with a reason, and the log that auditors read."""

from __future__ import annotations

from gateway.endpoints import Call
from gateway.schemas import Items
from gateway.schemas_redress import EvidenceKept, EvidenceQuery, EvidenceShown, Keeping, Opening
from kernel.ids import PostId, RoomId


async def open_evidence(call: Call, post: str, body: Opening) -> EvidenceShown:
    """A text that was refused, hidden, covered or merged away; that it was read is recorded first."""
    opened = await call.services.review.evidence.open(call.actor, PostId(post), body.ver, body.reason)
    return EvidenceShown(post=opened.post, ver=opened.ver, body=opened.body, digest=opened.digest)


async def keep_evidence(call: Call, post: str, body: Keeping) -> EvidenceKept:
    """Has a sealed text outlive its time, or no longer."""
    found = await call.services.review.evidence.keep(call.actor, PostId(post), body.ver, body.reason, on=body.on)
    return EvidenceKept(post=found.post, ver=found.ver, kept=found.kept)


async def list_evidence(call: Call, query: EvidenceQuery) -> Items:
    """Who sealed and who opened what and why, newest first; never a text."""
    room = None if query.room is None else RoomId(query.room)
    post = None if query.post is None else PostId(query.post)
    items, after = await call.services.review.evidence.log(call.actor, room, query.cursor, query.limit, post)
    return Items(items=items, next=after)
