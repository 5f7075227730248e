"""Reports: made by viewers, judged by moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.wire import ModReport, ReportFrame
from kernel.ids import PostId
from rooms.reports import CaseState

if TYPE_CHECKING:
    from gateway.live.peer import LivePeer


async def make(peer: LivePeer, frame: ReportFrame) -> dict[str, object]:
    """Who reported is told how it stands, as everybody else who did: nothing else."""
    session = peer.session
    made = await session.live.posting.reports.make(session.actor, PostId(frame.post), frame.reason, frame.note)
    return {"post": made.post, "state": made.state.value}


async def judge(peer: LivePeer, frame: ModReport) -> dict[str, object]:
    session = peer.session
    judged = await session.live.posting.reports.judge(
        session.actor, PostId(frame.post), CaseState(frame.outcome), frame.reason, frame.note
    )
    return {"post": judged.post, "state": judged.state.value}
