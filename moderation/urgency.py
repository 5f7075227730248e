"""Which room the next pair of eyes goes to: where the fewest posts are in hand, so that no quiet room is starved.

Within a room the longest waiting goes first. A room that nobody sits before counts for less until somebody there has
waited too long; then it is a room like any other. So every post is reached, whatever comes in elsewhere.
"""

from __future__ import annotations

from typing import Final

from rooms.model import RoomState

# From then on it does not matter any more that the room is not on air.
OVERDUE_MS: Final = 300_000
_PATIENT: Final = frozenset({RoomState.SCHEDULED, RoomState.CLOSED})
_PATIENT_WEIGHT: Final = 4


def pressure(state: RoomState, held: int, waited_ms: int) -> int:
    """The room with the least goes next. `held`: its posts in moderators' hands; `waited_ms`: its oldest free one."""
    patient = state in _PATIENT and waited_ms < OVERDUE_MS
    return (held + 1) * (_PATIENT_WEIGHT if patient else 1)
