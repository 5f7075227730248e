"""The moderators' commands: pull under a lease, keep it, give it back, decide, take a refusal back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.live.commands.posts import receipt_fields
from gateway.wire import ModDecide, ModHold, ModPull
from gateway.wire_base import MAX_PULL
from gateway.wire_groups import ModAsk, ModMask
from kernel.ids import PostId, RoomId
from moderation.commands import Ruling

if TYPE_CHECKING:
    from gateway.live.peer import LivePeer


async def pull(peer: LivePeer, frame: ModPull) -> dict[str, object]:
    session = peer.session
    room = RoomId(frame.room) if frame.room is not None else None
    one = PostId(frame.post) if frame.post is not None else None
    n = min(frame.n, MAX_PULL)
    posts = await session.live.review.pull(session.actor, room, n, one, take_over=frame.take_over)
    return {"posts": [post.to_wire() for post in posts]}


async def extend(peer: LivePeer, frame: ModHold) -> dict[str, object]:
    session = peer.session
    return {"lease_until": await session.live.review.extend(session.actor, PostId(frame.post), frame.ver)}


async def release(peer: LivePeer, frame: ModHold) -> dict[str, object]:
    session = peer.session
    await session.live.review.release(session.actor, PostId(frame.post), frame.ver)
    return {}


async def decide(peer: LivePeer, frame: ModDecide) -> dict[str, object]:
    session = peer.session
    receipt = await session.live.review.decide(
        session.actor, PostId(frame.post), frame.ver, Ruling(frame.verdict), frame.reason, frame.note
    )
    return receipt_fields(receipt)


async def ask(peer: LivePeer, frame: ModAsk) -> dict[str, object]:
    session = peer.session
    receipt = await session.live.review.asking.ask(session.actor, PostId(frame.post), frame.cid, frame.body)
    return {"note": receipt.post, "seq": receipt.seq}


async def mask(peer: LivePeer, frame: ModMask) -> dict[str, object]:
    session = peer.session
    spans = [(start, end) for start, end in frame.spans]
    receipt = await session.live.review.mask(session.actor, PostId(frame.post), frame.ver, spans, frame.note)
    return receipt_fields(receipt)


async def reopen(peer: LivePeer, frame: ModHold) -> dict[str, object]:
    session = peer.session
    posts = await session.live.review.reopen(session.actor, PostId(frame.post), frame.ver)
    return {"posts": [post.to_wire() for post in posts]}
