"""The calls about hiding by two persons: what waits for a second one, and how it is declined."""

from __future__ import annotations

from gateway.endpoints import Call
from gateway.schemas import Items
from gateway.schemas_redress import Declining, ProposalShown, ProposalsQuery
from kernel.ids import PostId, RoomId
from rooms.proposals import ProposalState


async def list_proposals(call: Call, query: ProposalsQuery) -> Items:
    """Answers that somebody proposed to hide: open ones oldest first, ended ones newest first."""
    return await _listed(call, None, query)


async def list_room_proposals(call: Call, room: str, query: ProposalsQuery) -> Items:
    """The same of one room; its desk is not told by whom."""
    return await _listed(call, RoomId(room), query)


async def _listed(call: Call, room: RoomId | None, query: ProposalsQuery) -> Items:
    state, proposals = ProposalState(query.state), call.services.review.proposals
    items, after = await proposals.listed(call.actor, room, state, query.cursor, query.limit)
    return Items(items=items, next=after)


async def decline_hiding(call: Call, post: str, body: Declining) -> ProposalShown:
    """The answer stays: declined by a second person, withdrawn by who proposed to hide it."""
    done = await call.services.review.proposals.decline(call.actor, PostId(post), body.proposal, body.note)
    return ProposalShown(post=done.post, state=done.state.value)
