"""What a batch needs to know about hiding by two persons: the newest proposal of each post concerned."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from kernel.ids import PostId, RoomId, UserId
from persistence.needs import Needs
from persistence.prepared import Prepared
from persistence.schema_redress import hiding_proposal
from rooms.proposals import ProposalEntry, ProposalState
from rooms.working_set import WorkingSet

_PROPOSALS = Prepared(lambda among: select(hiding_proposal).where(among(hiding_proposal.c.post_id, "posts")))


def load_proposals(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.proposed:
        return
    for row in _PROPOSALS(connection, posts=needs.proposed):
        ws.proposals.load(PostId(row.post_id), _proposal_of(row))


def _proposal_of(row: Row[Any]) -> ProposalEntry:
    return ProposalEntry(
        post=PostId(row.post_id),
        room=RoomId(row.room_id),
        n=row.n,
        version=row.version,
        reason=row.reason,
        by=UserId(row.by),
        by_name=row.by_name,
        by_role=row.by_role,
        at=row.at,
        until=row.until,
        state=ProposalState(row.state),
        decided_by=None if row.decided_by is None else UserId(row.decided_by),
        decided_at=row.decided_at,
        note=row.note,
    )
