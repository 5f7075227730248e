"""The ladder of sanctions, and which step forbids what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.ids import RoomId, SourceKey, UserId

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


class SanctionKind(StrEnum):
    WARN = "warn"  # forbids nothing; stays in sight until it is acknowledged
    MUTE = "mute"  # no posts, in one room or in all
    SUSPEND = "suspend"  # no posts, votes or reports, in all rooms
    BAN = "ban"  # the same, and no live connection


class Via(StrEnum):
    """By what it finds whom it is for: this person, or any guest who writes from that device or that address."""

    ACCOUNT = "account"
    DEVICE = "device"
    ADDRESS = "address"


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
# Whoever shares a device or an address with somebody did nothing: so less, and for less long.
VIA_SOURCE: Final[Mapping[Via, frozenset[SanctionKind]]] = MappingProxyType(
    {
        Via.DEVICE: frozenset({SanctionKind.MUTE, SanctionKind.SUSPEND, SanctionKind.BAN}),
        Via.ADDRESS: frozenset({SanctionKind.MUTE, SanctionKind.SUSPEND}),
    }
)
VIA_SOURCE_LONGEST_MS: Final[Mapping[Via, int]] = MappingProxyType({Via.DEVICE: 30 * _DAY_MS, Via.ADDRESS: _DAY_MS})


@dataclass(slots=True)
class SanctionEntry:
    """`user` is the person on whose card it was decided; `source` the digest it finds others by, until it is over."""

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
    via: Via = Via.ACCOUNT
    source: SourceKey | None = field(default=None, repr=False)

    @property
    def subject(self) -> str:
        """Whom or what it stops; "" where that was forgotten, and nobody is called that."""
        return self.user if self.via is Via.ACCOUNT else self.source or ""

    def touches(self, user: UserId, sources: Collection[SourceKey]) -> bool:
        return self.user == user if self.via is Via.ACCOUNT else self.source in sources

    def in_force(self, now: int) -> bool:
        return self.lifted_at is None and self.until > now
