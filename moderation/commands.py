"""What moderators can ask, as values; committed like the commands of `rooms`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from kernel.ids import PostId, RoomId, SourceKey, UserId
from kernel.permissions import Actor
from moderation.appeal_commands import Appeal, AppealMade, DecideAppeal, Reinstate
from moderation.covering import covers
from moderation.evidence_commands import EraseSealed, KeepSeal, OpenSeal, SealErased, SealKept, SealOpened
from moderation.proposal_commands import DeclineHiding, EndHiding, ProposalEnded
from moderation.report_commands import JudgeReports, Report, Reported
from rooms.commands import PostReceipt, RoomCommand, RoomOutcome
from rooms.model import Author, PostKind, PostState, Reason
from rooms.sanctions import SanctionKind, Via


class Ruling(StrEnum):
    PUBLISH = "publish"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Pull:
    """Leases up to `n` waiting posts, most urgent first, none held by anybody; or `post` alone. Outcome: `Pulled`.

    `take_over`: that one post also from a colleague who holds it.
    """

    room: RoomId | None
    n: int
    by: Actor
    lease_ms: int
    at: int
    post: PostId | None = None
    take_over: bool = False


@dataclass(frozen=True, slots=True)
class Extend:
    """Outcome: `Held`. Refused: `lease_lost`, `stale_version`, `no_post`."""

    post: PostId
    ver: int
    by: Actor
    lease_ms: int
    at: int


@dataclass(frozen=True, slots=True)
class Release:
    """Gives a lease back. Outcome: `Held` with `lease_until` 0."""

    post: PostId
    ver: int
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class Decide:
    """The ruling on one version. Outcome: `PostReceipt`.

    Compare-and-set on (waiting, version, lease): an older version is `stale_version`, a lease run out or another's is
    `lease_lost`. The same moderator repeating the same ruling on the same version gets the recorded answer.
    """

    post: PostId
    ver: int
    ruling: Ruling
    reason: str | None
    note: str | None
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class Reopen:
    """Takes one's own rejection back: the same text waits again, as a new version, leased to the caller.

    Outcome: `Pulled` with that one post; the same again while the caller still has it before them: the same post.
    Refused: `stale_version` (no rejection of the newest version), `forbidden` (another's, or longer ago than
    `within_ms`), `no_post` (withdrawn or hidden).
    """

    post: PostId
    ver: int
    by: Actor
    lease_ms: int
    within_ms: int
    salt: bytes
    at: int


# How a version is recorded that was merged away: no verdict that can be asked for alone.
MERGE: Final = "merge"


@dataclass(frozen=True, slots=True)
class Merge:
    """Makes `posts` (with the version read) one question with `post`. Outcome: `Merged`.

    `post` waits, is the caller's and is published with this, in version `ver`; or it is published already. Each of
    `posts` is the caller's and rejected with the ruling `merge`, or published and hidden. Each has its own outcome;
    refused whole: as `Decide` for `post`, `no_post` (hidden, rejected), `conflict` (no question, itself merged away).
    """

    post: PostId
    ver: int
    posts: tuple[tuple[PostId, int], ...]
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class Mask:
    """Publishes the post with `spans` (from, to; characters) of that version covered. Outcome: `PostReceipt`.

    As `Decide`; `bad_frame`: nothing covered, or nothing left; `forbidden`: the words of staff.
    """

    post: PostId
    ver: int
    spans: tuple[tuple[int, int], ...]
    note: str | None
    by: Actor
    salt: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Sanction:
    """One step of the ladder for a user, in one room or everywhere (`room` None), until a time. Outcome: `Sanctioned`.

    `reason` is the message to the person, `rule` the rule it cites. A mute where none is named. By device or address
    (`via`, `source`) it stops any guest who writes from there; `user` is the one on whose card it was decided.
    """

    id: str
    user: UserId
    room: RoomId | None
    until: int
    reason: str
    rule: int | None
    by: Actor
    at: int
    kind: SanctionKind = SanctionKind.MUTE
    via: Via = Via.ACCOUNT
    source: SourceKey | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Whom a sanction is for has read it. Outcome: `Sanctioned`. Refused: `no_appeal`, `forbidden` (another's)."""

    sanction: str
    room: RoomId | None
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class LiftSanction:
    """Ends a user's sanctions in a room, or the city-wide ones (`room` None). Outcome: `Sanctioned`."""

    user: UserId
    room: RoomId | None
    by: Actor
    at: int


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ruled:
    """How a version was decided."""

    verdict: str
    moderator: UserId
    reason: str | None
    at: int

    def to_wire(self) -> dict[str, object]:
        return {"verdict": self.verdict, "by": self.moderator, "reason": self.reason, "at": self.at}


@dataclass(frozen=True, slots=True)
class WaitingPost:
    """A post before a moderator. `state` is `waiting`, `leased` to somebody, or `decided`: then `ruled` says how."""

    post: PostId
    ver: int
    room: RoomId
    kind: PostKind
    body: str
    author: Author
    at: int
    reasons: tuple[Reason, ...]
    state: str
    lease_by: UserId | None
    lease_until: int
    post_state: PostState
    reply_to: PostId | None
    ruled: Ruled | None = None
    number: int | None = None  # of a question that is public

    def to_wire(self) -> dict[str, object]:
        """As `mod.pull` and the queue show it; `by` has the author's id, which only moderators see."""
        cover = [list(span) for span in covers(self.body, self.reasons)]
        return {
            "post": self.post,
            "ver": self.ver,
            "room": self.room,
            "kind": self.kind.value,
            "body": self.body,
            "by": {**self.author.to_wire(), "id": self.author.id},
            "at": self.at,
            "reasons": [reason.to_wire() for reason in self.reasons],
            "lease_until": self.lease_until,
            "lease_by": self.lease_by,
            "reply_to": self.reply_to,
            **({"cover": cover} if cover else {}),
            **({} if self.number is None else {"number": self.number}),
        }


@dataclass(frozen=True, slots=True)
class Pulled:
    posts: tuple[WaitingPost, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """Where the one question stands, how many ask it, and for each of the others None or the code of its refusal."""

    into: PostReceipt
    askers: int
    posts: tuple[tuple[PostId, str | None], ...]


@dataclass(frozen=True, slots=True)
class Held:
    lease_until: int


@dataclass(frozen=True, slots=True)
class Sanctioned:
    until: int


ModerationCommand = (
    Pull
    | Extend
    | Release
    | Decide
    | Reopen
    | Merge
    | Mask
    | Sanction
    | LiftSanction
    | Acknowledge
    | Appeal
    | DecideAppeal
    | Reinstate
    | Report
    | JudgeReports
    | OpenSeal
    | KeepSeal
    | EraseSealed
    | DeclineHiding
    | EndHiding
)
ModerationOutcome = (
    Pulled | Held | Merged | Sanctioned | AppealMade | Reported | SealOpened | SealKept | SealErased | ProposalEnded
)

Command = RoomCommand | ModerationCommand
Outcome = RoomOutcome | ModerationOutcome
