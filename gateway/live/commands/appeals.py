"""Appeals: made by authors, decided by moderators; and refusals mended unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.live.commands.posts import receipt_fields
from gateway.wire import AppealFrame, ModAppeal, ModReinstate
from kernel.ids import PostId
from moderation.appeal_commands import AppealMade
from rooms.appeals import AppealState

if TYPE_CHECKING:
    from gateway.live.peer import LivePeer


async def make(peer: LivePeer, frame: AppealFrame) -> dict[str, object]:
    session = peer.session
    appeals = session.live.review.appeals
    if frame.post is not None:
        return _told(await appeals.of_post(session.actor, PostId(frame.post), frame.text))
    return _told(await appeals.of_sanction(session.actor, frame.sanction or "", frame.text))


async def decide(peer: LivePeer, frame: ModAppeal) -> dict[str, object]:
    session = peer.session
    outcome = AppealState(frame.outcome)
    return _told(await session.live.review.appeals.decide(session.actor, frame.appeal, outcome, frame.note))


async def reinstate(peer: LivePeer, frame: ModReinstate) -> dict[str, object]:
    session = peer.session
    appeals = session.live.review.appeals
    return receipt_fields(await appeals.reinstate(session.actor, PostId(frame.post), frame.ver, frame.note))


def _told(made: AppealMade) -> dict[str, object]:
    return {"appeal": made.appeal, "state": made.state.value}
