"""What somebody asked to be looked at again: one appeal against a refusal, a hiding or a sanction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kernel.ids import PostId, RoomId, UserId


class Appealed(StrEnum):
    """What is appealed against."""

    REFUSAL = "refusal"
    HIDING = "hiding"
    SANCTION = "sanction"


class AppealState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"  # the decision stands
    REVERSED = "reversed"


@dataclass(slots=True)
class AppealEntry:
    """`subject` is the one decision appealed against: it can be appealed once, so no two entries share one.

    `against` is who took that decision, None where the phases did; `reason` is the code they gave. `ver` is the refused
    version, or the hidden one. `room` is None for a sanction in every room.
    """

    id: str
    subject: str
    what: Appealed
    room: RoomId | None
    post: PostId | None
    ver: int | None
    sanction: str | None
    author: UserId
    text: str
    against: UserId | None
    reason: str | None
    at: int
    state: AppealState = AppealState.OPEN
    decided_by: UserId | None = None
    decided_at: int | None = None
    note: str | None = None


def refusal_subject(post: PostId, ver: int) -> str:
    return f"{Appealed.REFUSAL}:{post}:{ver}"


def hiding_subject(post: PostId, hidden_seq: int) -> str:
    return f"{Appealed.HIDING}:{post}:{hidden_seq}"


def sanction_subject(sanction: str, neighbour: UserId | None = None) -> str:
    """`neighbour`: whom it touched only by the device or the address: each of them may appeal once."""
    return f"{Appealed.SANCTION}:{sanction}" + (f":{neighbour}" if neighbour is not None else "")
