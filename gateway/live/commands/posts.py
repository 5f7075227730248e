"""Writing, and what is done to what was written; after each the author's own state is told anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.hiding import hidden_fields
from gateway.wire import POST_ACTIONS, DeclineFrame, Hide, PostFrame, Revise, Switch, VoteFrame, Withdraw
from kernel.ids import PostId, RoomId
from kernel.permissions import require_somewhere
from kernel.refusals import Refusal
from kernel.text import NETIZEN_BODY_MAX
from rooms.author_reasons import told_to_author
from rooms.commands import PostReceipt
from rooms.model import PostKind

if TYPE_CHECKING:
    from gateway.live.peer import LivePeer
    from gateway.live.session import Session

_BY_SOURCE: Final = frozenset({"device_stopped", "address_stopped"})


async def post(peer: LivePeer, frame: PostFrame) -> dict[str, object]:
    session, kind = peer.session, PostKind(frame.kind)
    require_somewhere(session.actor, POST_ACTIONS[kind])
    _fits(session, frame.body)
    try:
        receipt = await session.live.posting.submit(
            session.actor,
            RoomId(frame.room),
            cid=frame.cid,
            kind=kind,
            body=frame.body,
            reply_to=PostId(frame.reply_to) if frame.reply_to is not None else None,
        )
    except Refusal as refusal:
        # No item names those who are stopped by where they write from: now they are told by which, why and until when.
        if refusal.code.name in _BY_SOURCE and session.actor.id is not None:
            session.live.own.touch(session.actor.id, RoomId(frame.room))
        raise
    return _told(session, receipt)


async def revise(peer: LivePeer, frame: Revise) -> dict[str, object]:
    session = peer.session
    _fits(session, frame.body)
    receipt = await session.live.posting.revise(session.actor, PostId(frame.post), frame.ver, frame.body)
    return _told(session, receipt)


async def withdraw(peer: LivePeer, frame: Withdraw) -> dict[str, object]:
    session = peer.session
    return _told(session, await session.live.posting.withdraw(session.actor, PostId(frame.post)))


async def redact(peer: LivePeer, frame: Hide) -> dict[str, object]:
    session = peer.session
    return hidden_fields(
        await session.live.rooms.redact(session.actor, PostId(frame.post), frame.reason, frame.proposal)
    )


async def decline(peer: LivePeer, frame: DeclineFrame) -> dict[str, object]:
    session = peer.session
    proposals = session.live.review.proposals
    ended = await proposals.decline(session.actor, PostId(frame.post), frame.proposal, frame.note)
    return {"post": ended.post, "state": ended.state.value}


async def restore(peer: LivePeer, frame: Hide) -> dict[str, object]:
    session = peer.session
    return {"seq": await session.live.rooms.restore(session.actor, PostId(frame.post), frame.reason)}


async def pin(peer: LivePeer, frame: Switch) -> dict[str, object]:
    session = peer.session
    return {"seq": await session.live.rooms.pin(session.actor, PostId(frame.post), frame.on)}


async def stage(peer: LivePeer, frame: Switch) -> dict[str, object]:
    session = peer.session
    return {"seq": await session.live.rooms.stage(session.actor, PostId(frame.post), frame.on)}


async def vote(peer: LivePeer, frame: VoteFrame) -> dict[str, object]:
    session = peer.session
    voted = await session.live.rooms.vote(session.actor, PostId(frame.post), frame.v)
    if session.actor.id is not None:
        session.live.own.touch_elsewhere(session.actor.id, voted.room)
    return {"up": voted.up, "down": voted.down}


def receipt_fields(receipt: PostReceipt) -> dict[str, object]:
    """As moderators are answered, with the whole reasons; `seq` and `number` only once there are some."""
    told: dict[str, object] = {"post": receipt.post, "state": receipt.state.value, "ver": receipt.version}
    if receipt.seq is not None:
        told["seq"] = receipt.seq
    if receipt.number is not None:
        told["number"] = receipt.number
    if receipt.reasons:
        told["reasons"] = [reason.to_wire() for reason in receipt.reasons]
    return told


def _told(session: Session, receipt: PostReceipt) -> dict[str, object]:
    if session.actor.id is not None:
        session.live.own.touch(session.actor.id, receipt.room)
    told = receipt_fields(receipt)
    told.pop("reasons", None)
    if reasons := told_to_author(reason.to_wire() for reason in receipt.reasons):
        told["reasons"] = reasons
    return told


def _fits(session: Session, body: str) -> None:
    if not session.actor.is_staff and len(body) > NETIZEN_BODY_MAX:
        raise Refusal("too_large", field="body")
