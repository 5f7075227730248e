"""The moderators' calls on several posts at once."""

from __future__ import annotations

from gateway.endpoints import Call
from gateway.group_shapes import merged_shown, one_shown
from gateway.schemas import GroupDecision, Leased, MergedShown, Merging, Outcomes, Picked
from kernel.ids import PostId
from moderation.commands import Ruling


async def list_alike(call: Call, post: str) -> Leased:
    """Of the posts that wait in its room those that say nearly the same; `adds`: and something besides."""
    found = await call.services.review.groups.alike(call.actor, PostId(post))
    return Leased(posts=[{**one.post.to_wire(), "adds": one.adds} for one in found])


async def decide_posts(call: Call, body: GroupDecision) -> Outcomes:
    """One verdict for several posts, each with its own outcome."""
    decided = await call.services.review.groups.decide(
        call.actor, _picked(body.posts), Ruling(body.verdict), body.reason, body.note
    )
    return Outcomes(outcomes=[one_shown(one) for one in decided])


async def merge_posts(call: Call, post: str, body: Merging) -> MergedShown:
    """Makes one question of this one and of others."""
    merged = await call.services.review.groups.merge(call.actor, PostId(post), body.ver, _picked(body.posts))
    return MergedShown.model_validate(merged_shown(merged))


def _picked(posts: list[Picked]) -> list[tuple[PostId, int]]:
    return [(PostId(one.post), one.ver) for one in posts]
