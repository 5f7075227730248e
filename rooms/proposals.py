"""A hiding that one person asks for and a second one decides: at most one open proposal for each post."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from kernel.ids import PostId, RoomId, UserId

# Long enough for a colleague at supper, short enough that a proposal nobody wants does not hang over an answer.
HIDING_MS: Final = 1_800_000


class ProposalState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"  # by a second person: hidden
    DECLINED = "declined"  # by a second person: it stays
    WITHDRAWN = "withdrawn"  # by who proposed it
    EXPIRED = "expired"
    STALE = "stale"  # what was to be hidden does not stand there any more


@dataclass(slots=True)
class ProposalEntry:
    """The newest proposal to hide a post; `n` counts those of this post, from 1. `version` is the text it is about."""

    post: PostId
    room: RoomId
    n: int
    version: int
    reason: str
    by: UserId
    by_name: str
    by_role: str
    at: int
    until: int
    state: ProposalState = ProposalState.OPEN
    decided_by: UserId | None = None
    decided_at: int | None = None
    note: str | None = None

    def proposer(self) -> dict[str, Any]:
        """Who asked for it, as moderators are told."""
        return {"name": self.by_name, "role": self.by_role, "id": self.by}
