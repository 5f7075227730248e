"""What can be asked of a room, as values: each is committed whole or refused, and answered only after the commit.

The gateway and the handlers build these; `persistence` executes them in batches through the pure decisions in
`rooms/decide.py` and `moderation/decide.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.ids import DepartmentId, PostId, RoomId, SourceKey, UserId
from kernel.permissions import Actor
from rooms.model import Author, Policy, PostKind, PostState, Reason, RoomState, Trust
from rooms.proposals import HIDING_MS


@dataclass(frozen=True, slots=True)
class CreateRoom:
    """Outcome: `RoomChanged`. Refused: `no_department`."""

    id: RoomId
    code: str
    title: str
    summary: str
    departments: tuple[DepartmentId, ...]
    lead: DepartmentId | None
    starts_at: int | None
    open: bool
    policy: Policy
    by: UserId
    at: int


@dataclass(frozen=True, slots=True)
class ChangeState:
    """Opens, pauses, resumes or closes. Outcome: `RoomChanged`. Refused: `bad_state`."""

    room: RoomId
    verb: str  # open | pause | resume | close
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class SetRoom:
    """Changes policy fields (only those given), freezes questions, or declares an emergency. Outcome: `RoomChanged`.

    `until` ends what is frozen, held or verified by itself; 0: nothing does. What is None stays as it is. Refused:
    `forbidden`, a policy that lets more through, by who may only tighten it.
    """

    room: RoomId
    policy: Mapping[str, object]
    freeze: bool | None
    by: Actor
    at: int
    hold: bool | None = None
    verified: bool | None = None
    until: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class EndEmergency:
    """Says that what ended by itself has ended. Outcome: `RoomChanged`; what has not ended stays."""

    room: RoomId
    at: int


@dataclass(frozen=True, slots=True)
class SubmitPost:
    """A post with the verdict of the phases. Outcome: `PostReceipt`.

    `judged` is `PENDING` (hold), `PUBLISHED` (admit) or `REJECTED` (refuse, kept for its author). The room's state and
    policy, the mute and the pace of `slow_ms` are decided again inside the transaction. The same `cid` of the same
    author and room: the same post, `repeated`; with another kind, body or `reply_to`: `conflict`.
    """

    id: PostId
    room: RoomId
    author: Author
    guest: bool
    cid: str
    kind: PostKind
    body: str
    reply_to: PostId | None
    judged: PostState
    reasons: tuple[Reason, ...]
    salt: bytes
    at: int
    trust: Trust = Trust.NEW
    sources: tuple[SourceKey, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class RevisePost:
    """A new text of one's own post. Outcome: `PostReceipt`.

    `ver` is the version the author saw; another one now is `stale_version`. `judged` as in `SubmitPost`: a published
    post keeps its old text while the new one is pending.
    """

    post: PostId
    ver: int
    body: str
    author: Actor
    judged: PostState
    reasons: tuple[Reason, ...]
    salt: bytes
    at: int
    trust: Trust = Trust.NEW


@dataclass(frozen=True, slots=True)
class WithdrawPost:
    """The author takes it back: a pending one is gone, a published one redacted with reason `withdrawn`.

    Outcome: `PostReceipt`.
    """

    post: PostId
    author: Actor
    at: int


@dataclass(frozen=True, slots=True)
class Redact:
    """Hides a published post. Outcome: `Done`; already hidden: the seq that made it so.

    Where two must agree (`Policy.two_person`) the first is answered `Proposed`, the second confirms; the first again:
    `own_ruling`. `proposal` confirms that one and no other: `decided` or `stale_version` once it is over. A proposal
    is open for `lasts_ms`.
    """

    post: PostId
    reason: str
    by: Actor
    at: int
    proposal: int | None = None
    lasts_ms: int = HIDING_MS


@dataclass(frozen=True, slots=True)
class Restore:
    """Shows a hidden post again. Outcome: `Done`; already shown: the seq that made it so."""

    post: PostId
    reason: str
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class Pin:
    """Outcome: `Done`; already so: the seq that made it so (its publication, if it never was pinned)."""

    post: PostId
    on: bool
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Puts a post on stage 上台 or takes it off. A room has one stage: putting one on takes the other off.

    Outcome: `Done`.
    """

    post: PostId
    on: bool
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class Vote:
    """One row per voter; 0 takes the vote back. Outcome: `Voted`."""

    post: PostId
    voter: UserId
    value: int  # 1 | -1 | 0
    at: int
    sources: tuple[SourceKey, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Invite:
    """Invites a department by a code and a secret, of which only the hash is stored. Outcome: `Invited`.

    A department not yet in the room joins its departments. Refused: `no_department`, `bad_state` (closed).
    """

    room: RoomId
    department: DepartmentId
    code: str
    secret_hash: str
    expires_at: int
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class TakeSeat:
    """A signed-in member of the invited department sits down. Outcome: `RoomChanged`.

    `code` is the short code or the secret of the link, hashed; refused: `no_invitation`, `expired`, `forbidden`
    (another department's).
    """

    code: str
    secret_hash: str
    by: Actor
    at: int


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PostReceipt:
    """Where the post stands after the commit; `seq` once it is published."""

    post: PostId
    room: RoomId
    state: PostState
    version: int
    seq: int | None = None
    number: int | None = None
    reasons: tuple[Reason, ...] = field(default=())
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """`seq` of the event on `pub`, or the lane's head where the command made none."""

    room: RoomId
    seq: int
    state: RoomState


@dataclass(frozen=True, slots=True)
class Done:
    seq: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """Nothing is hidden yet: a second person decides, until then."""

    post: PostId
    proposal: int
    until: int


@dataclass(frozen=True, slots=True)
class Voted:
    room: RoomId
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Invited:
    code: str


RoomCommand = (
    CreateRoom
    | ChangeState
    | SetRoom
    | EndEmergency
    | SubmitPost
    | RevisePost
    | WithdrawPost
    | Redact
    | Restore
    | Pin
    | Stage
    | Vote
    | Invite
    | TakeSeat
)
RoomOutcome = PostReceipt | RoomChanged | Done | Proposed | Voted | Invited
