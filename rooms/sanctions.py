"""The ladder of sanctions, and which step forbids what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.ids import RoomId, UserId

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


class SanctionKind(StrEnum):
    WARN = "warn"  # forbids nothing; stays in sight until it is acknowledged
    MUTE = "mute"  # no posts, in one room or in all
    SUSPEND = "suspend"  # no posts, votes or reports, in all rooms
    BAN = "ban"  # the same, and no live connection


# Every sanction has an end, and the end fits a person; a mute may be set for as long as ever it could.
LONGEST_MS: Final[Mapping[SanctionKind, int]] = MappingProxyType(
    {
        SanctionKind.WARN: 30 * _DAY_MS,
        SanctionKind.MUTE: 10 * 366 * _DAY_MS,
        SanctionKind.SUSPEND: 90 * _DAY_MS,
        SanctionKind.BAN: 2 * 366 * _DAY_MS,
    }
)
# The strongest first: what somebody is told of when several are in force.
BY_WEIGHT: Final = (SanctionKind.BAN, SanctionKind.SUSPEND, SanctionKind.MUTE)
EVERYWHERE_ONLY: Final = frozenset({SanctionKind.SUSPEND, SanctionKind.BAN})


@dataclass(slots=True)
class SanctionEntry:
    id: str
    user: UserId
    room: RoomId | None
    until: int
    reason: str
    rule: int | None
    by: UserId
    at: int
    lifted_at: int | None = None
    kind: SanctionKind = SanctionKind.MUTE
    acknowledged_at: int | None = None

    def in_force(self, now: int) -> bool:
        return self.lifted_at is None and self.until > now
