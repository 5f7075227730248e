"""Posts: made and taken back by their authors, hidden, pinned and staged by hosts and moderators, voted on by all."""

from __future__ import annotations

from typing import Any

from gateway.endpoints import Call
from gateway.hiding import hidden_fields
from gateway.schemas import NewPost, Numbered, Receipt, Revision, Switch, Tally, VoteCast, Why
from gateway.schemas_redress import Hidden, Hiding
from kernel.ids import PostId, RoomId
from rooms.author_reasons import told_to_author
from rooms.commands import PostReceipt
from rooms.model import PostKind


async def create_post(call: Call, room: str, body: NewPost) -> Receipt:
    """Posts into a room, as `post` on the socket: same rules, same `cid`."""
    reply_to = None if body.reply_to is None else PostId(body.reply_to)
    receipt = await call.services.posting.submit(
        call.actor, RoomId(room), cid=body.cid, kind=PostKind(body.kind), body=body.body, reply_to=reply_to
    )
    return _told(receipt)


async def revise_post(call: Call, post: str, body: Revision) -> Receipt:
    """A new text of one's own post; for staff a visible correction 更正."""
    return _told(await call.services.posting.revise(call.actor, PostId(post), body.ver, body.body))


async def withdraw_post(call: Call, post: str) -> Receipt:
    """Takes one's own post back."""
    return _told(await call.services.posting.withdraw(call.actor, PostId(post)))


async def redact_post(call: Call, post: str, body: Hiding) -> Hidden:
    """Hides a post everywhere; its number stays. Where two must agree, the first proposes it and the second hides."""
    done = await call.services.rooms.redact(call.actor, PostId(post), body.reason, body.proposal)
    return Hidden.model_validate(hidden_fields(done))


async def restore_post(call: Call, post: str, body: Why) -> Numbered:
    """Shows a hidden post again."""
    return Numbered(seq=await call.services.rooms.restore(call.actor, PostId(post), body.reason))


async def pin_post(call: Call, post: str, body: Switch) -> Numbered:
    """Pins a post, or unpins it."""
    return Numbered(seq=await call.services.rooms.pin(call.actor, PostId(post), body.on))


async def stage_post(call: Call, post: str, body: Switch) -> Numbered:
    """Puts a post on stage 上台, or takes it off."""
    return Numbered(seq=await call.services.rooms.stage(call.actor, PostId(post), body.on))


async def vote_on_post(call: Call, post: str, body: VoteCast) -> Tally:
    """顶, 踩, or neither."""
    voted = await call.services.rooms.vote(call.actor, PostId(post), body.v)
    return Tally(up=voted.up, down=voted.down)


def receipt_shown(receipt: PostReceipt) -> Receipt:
    """As moderators are answered, with the whole reasons."""
    return _shown(receipt, [reason.to_wire() for reason in receipt.reasons])


def _told(receipt: PostReceipt) -> Receipt:
    """As the author is answered."""
    return _shown(receipt, told_to_author(reason.to_wire() for reason in receipt.reasons))


def _shown(receipt: PostReceipt, reasons: list[dict[str, Any]]) -> Receipt:
    shown: dict[str, object] = {"post": receipt.post, "state": receipt.state.value, "ver": receipt.version}
    if receipt.seq is not None:
        shown["seq"] = receipt.seq
    if receipt.number is not None:
        shown["number"] = receipt.number
    if reasons:
        shown["reasons"] = reasons
    return Receipt.model_validate(shown)
