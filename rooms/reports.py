"""What viewers report: one report for each person and post, and one case for each post, which gathers them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kernel.ids import PostId, RoomId, UserId


class CaseState(StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"
    REDACTED = "redacted"


@dataclass(frozen=True, slots=True)
class ReportEntry:
    post: PostId
    reporter: UserId
    reason: str
    note: str | None
    at: int


@dataclass(slots=True)
class ReportCase:
    """`reports` counts all there ever were; `settled` how many there were when it was last dismissed, and of which

    `reasons`: that many more of the same reasons open it again.
    """

    post: PostId
    room: RoomId
    state: CaseState
    opened_at: int
    reports: int = 0
    settled: int = 0
    reasons: tuple[str, ...] = field(default=())
    decided_by: UserId | None = None
    decided_at: int | None = None
    note: str | None = None
