"""The calls about appeals: an author makes one, moderators list and decide them."""

from __future__ import annotations

from gateway.api.posts import receipt_shown
from gateway.endpoints import Call
from gateway.schemas import Items, Receipt
from gateway.schemas_redress import AppealDecision, AppealShown, AppealsQuery, NewAppeal, Reinstatement
from kernel.ids import PostId, RoomId
from moderation.appeal_commands import AppealMade
from rooms.appeals import AppealState


async def appeal_post(call: Call, post: str, body: NewAppeal) -> AppealShown:
    """Asks that the refusal or the hiding of one's own post be looked at again, once."""
    return _shown(await call.services.review.appeals.of_post(call.actor, PostId(post), body.text))


async def appeal_sanction(call: Call, sanction: str, body: NewAppeal) -> AppealShown:
    """Asks that a sanction on oneself be looked at again, once."""
    return _shown(await call.services.review.appeals.of_sanction(call.actor, sanction, body.text))


async def list_appeals(call: Call, query: AppealsQuery) -> Items:
    """Appeals with what they are against: the open ones oldest first, decided ones newest first."""
    room = None if query.room is None else RoomId(query.room)
    items, after = await call.services.review.appeals.listed(call.actor, room, query.state, query.cursor, query.limit)
    return Items(items=items, next=after)


async def decide_appeal(call: Call, appeal: str, body: AppealDecision) -> AppealShown:
    """Upholds or reverses; never by who took the decision."""
    return _shown(await call.services.review.appeals.decide(call.actor, appeal, AppealState(body.outcome), body.note))


async def reinstate_post(call: Call, post: str, body: Reinstatement) -> Receipt:
    """Publishes what was refused, as a new version; the ruling on the old one stays."""
    receipt = await call.services.review.appeals.reinstate(call.actor, PostId(post), body.ver, body.note)
    return receipt_shown(receipt)


def _shown(made: AppealMade) -> AppealShown:
    return AppealShown(appeal=made.appeal, state=made.state.value)
