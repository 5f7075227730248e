"""What can be asked after a decision: to look again, to decide what was asked, to mend a refusal unasked."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import PostId, RoomId
from kernel.permissions import Actor
from rooms.appeals import AppealState


@dataclass(frozen=True, slots=True)
class Appeal:
    """Asks that one decision about the author be looked at again: the refusal or hiding of `post`, or `sanction`.

    Outcome: `AppealMade`; the same text again: the same appeal. Refused: `appealed` (another text was sent before),
    `forbidden` (somebody else's), `bad_state` (nothing there to appeal against), `range_gone` (its text was erased: its
    time was over), `no_post`, `no_appeal` (no sanction).
    """

    id: str
    post: PostId | None
    sanction: str | None
    room: RoomId | None
    author: Actor
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class DecideAppeal:
    """Upholds or reverses; by somebody else than who took the decision. Outcome: `AppealMade`.

    `post`, `sanction` and `room` are those of the appeal, which never change. Refused: `own_ruling`, `decided` (a
    colleague did, or otherwise), `no_appeal`, `stale_version` (the author has written something else since).
    """

    id: str
    post: PostId | None
    sanction: str | None
    room: RoomId | None
    outcome: AppealState
    note: str | None
    salt: bytes
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class Reinstate:
    """Publishes what was refused, as a new version with the same words; the ruling stays. Outcome: `PostReceipt`.

    Without an appeal anybody may who moderates; with one it decides the appeal, and so is somebody else's. The same
    again by the same moderator: the recorded answer. Refused: `stale_version` (not the newest version, or not refused),
    `own_ruling`, `no_post` (withdrawn or hidden).
    """

    post: PostId
    ver: int
    note: str | None
    salt: bytes
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class AppealMade:
    appeal: str
    state: AppealState
