"""What viewers can ask about a published post, and moderators about what viewers asked."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import PostId
from kernel.permissions import Actor
from rooms.proposals import HIDING_MS
from rooms.reports import CaseState


@dataclass(frozen=True, slots=True)
class Report:
    """A viewer asks that a published post be looked at. Outcome: `Reported`.

    Once for each person and post: again is the same report. Refused: `no_post` (not shown), `bad_state` (one's own),
    `suspended`, `banned`.
    """

    post: PostId
    reason: str
    note: str | None
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class JudgeReports:
    """Dismisses what was reported of a post, or hides the post for `reason`. Outcome: `Reported`.

    Where a second person must agree to the hiding, the case stays open until then. The same again by the same
    moderator: the recorded answer. Refused: `decided`, `no_post`, `own_ruling` (who proposed the hiding).
    """

    post: PostId
    outcome: CaseState
    reason: str | None
    note: str | None
    by: Actor
    at: int
    lasts_ms: int = HIDING_MS


@dataclass(frozen=True, slots=True)
class Reported:
    post: PostId
    state: CaseState
    repeated: bool = False
