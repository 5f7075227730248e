"""The moderators' commands on several posts at once: what says nearly the same, one verdict for many, one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.group_shapes import merged_shown, one_shown
from gateway.wire_groups import ModAlike, ModDecideAll, ModMerge, Picked
from kernel.ids import PostId
from moderation.commands import Ruling

if TYPE_CHECKING:
    from gateway.live.peer import LivePeer


async def alike(peer: LivePeer, frame: ModAlike) -> dict[str, object]:
    session = peer.session
    found = await session.live.review.groups.alike(session.actor, PostId(frame.post))
    return {"posts": [{**one.post.to_wire(), "adds": one.adds} for one in found]}


async def decide_all(peer: LivePeer, frame: ModDecideAll) -> dict[str, object]:
    session = peer.session
    decided = await session.live.review.groups.decide(
        session.actor, picked(frame.posts), Ruling(frame.verdict), frame.reason, frame.note
    )
    return {"outcomes": [one_shown(one) for one in decided]}


async def merge(peer: LivePeer, frame: ModMerge) -> dict[str, object]:
    session = peer.session
    merged = await session.live.review.groups.merge(session.actor, PostId(frame.post), frame.ver, picked(frame.posts))
    return merged_shown(merged)


def picked(posts: list[Picked]) -> list[tuple[PostId, int]]:
    return [(PostId(one.post), one.ver) for one in posts]
