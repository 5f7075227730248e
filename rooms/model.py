"""Rooms, posts and the policy of a room, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from kernel.ids import DepartmentId, PostId, QuestionId, RoomId, UserId
from kernel.permissions import Actor, Role
from rooms.emergency import CALM, Emergency


class RoomState(StrEnum):
    SCHEDULED = "scheduled"
    LIVE = "live"
    PAUSED = "paused"
    CLOSED = "closed"


class Lane(StrEnum):
    """One ordered log of one room with one access list."""

    PUB = "pub"
    DESK = "desk"
    MOD = "mod"


class PostKind(StrEnum):
    QUESTION = "question"
    COMMENT = "comment"  # a netizen's follow-up 追问, or a remark
    REPLY = "reply"
    NOTICE = "notice"
    NOTE = "note"  # backstage: the desk lane

    @property
    def lane(self) -> Lane:
        return Lane.DESK if self is PostKind.NOTE else Lane.PUB


class PostState(StrEnum):
    PENDING = "pending"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by its author, before it was published


class StaffReview(StrEnum):
    AUTO = "auto"
    REVIEW = "review"


class Trust(StrEnum):
    """What is thought of a netizen: from what became of their posts, or said by a moderator."""

    WATCHED = "watched"  # held in every room, whatever its policy
    NEW = "new"
    KNOWN = "known"
    TRUSTED = "trusted"


class TrustPass(StrEnum):
    """Who is not held by pre-moderation alone: nobody, the trusted, or the known too."""

    NOBODY = "nobody"
    TRUSTED = "trusted"
    KNOWN = "known"

    def lets(self, trust: Trust) -> bool:
        return trust in _PASSING[self]


_PASSING = {
    TrustPass.NOBODY: frozenset[Trust](),
    TrustPass.TRUSTED: frozenset({Trust.TRUSTED}),
    TrustPass.KNOWN: frozenset({Trust.TRUSTED, Trust.KNOWN}),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """How a room is run (contract §2); `slow_ms` is the least time between two posts of one netizen.

    `two_person`: a department's answer is hidden by two who agree.
    """

    premoderate: bool = True
    staff: StaffReview = StaffReview.AUTO
    guests: bool = True
    before: bool = True
    after: bool = False
    slow_ms: int = 0
    trust: TrustPass = TrustPass.NOBODY
    two_person: bool = False

    def holds(self, trust: Trust) -> bool:
        """Whether a netizen of this standing waits for a person, whatever was written."""
        return trust is Trust.WATCHED or (self.premoderate and not self.trust.lets(trust))

    def all_held(self) -> Policy:
        """The same room while nothing is public before a moderator has seen it, whoever wrote it."""
        return replace(self, premoderate=True, trust=TrustPass.NOBODY, staff=StaffReview.REVIEW)

    def to_wire(self) -> dict[str, object]:
        return {
            "premoderate": self.premoderate,
            "staff": self.staff.value,
            "guests": self.guests,
            "before": self.before,
            "after": self.after,
            "slow_ms": self.slow_ms,
            "trust": self.trust.value,
            "two_person": self.two_person,
        }


@dataclass(frozen=True, slots=True)
class RoomDepartment:
    """A department's place in a room, in order of invitation; `slot` is its colour there."""

    id: DepartmentId
    name: str
    name_en: str
    mark: str
    slot: int
    lead: bool
    seated: int = 0  # members who have taken a seat


@dataclass(frozen=True, slots=True)
class Room:
    """One airing (一场访谈). Times in milliseconds; `frozen`: no new questions until steered otherwise."""

    id: RoomId
    code: str
    title: str
    summary: str
    state: RoomState
    policy: Policy
    departments: tuple[RoomDepartment, ...]
    created_by: UserId
    created_at: int
    starts_at: int | None = None
    opened_at: int | None = None
    closed_at: int | None = None
    frozen: bool = False
    emergency: Emergency = CALM

    @property
    def parties(self) -> frozenset[DepartmentId]:
        return frozenset(department.id for department in self.departments)

    @property
    def lead(self) -> DepartmentId | None:
        return next((department.id for department in self.departments if department.lead), None)

    def to_wire(self) -> dict[str, object]:
        """The room as HTTP and the `state` of a public snapshot show it."""
        return {
            "id": self.id,
            "code": self.code,
            "title": self.title,
            "summary": self.summary,
            "state": self.state.value,
            "departments": [
                {
                    "id": department.id,
                    "name": department.name,
                    "name_en": department.name_en,
                    "mark": department.mark,
                    "slot": department.slot,
                    "seated": department.seated,
                }
                for department in self.departments
            ],
            "lead": self.lead,
            "policy": self.policy.to_wire(),
            "frozen": self.frozen,
            **self.emergency.to_wire(),
            "starts_at": self.starts_at,
            "opened_at": self.opened_at,
            "closed_at": self.closed_at,
            "created_at": self.created_at,
        }


@dataclass(frozen=True, slots=True)
class Author:
    """Whose words: copied into the post when it is made, so that the record does not change with the account."""

    id: UserId
    name: str
    role: Role
    department: DepartmentId | None = None

    @classmethod
    def of(cls, actor: Actor) -> Author:
        """Raises ValueError for a visitor: nobody signs a post."""
        if actor.id is None:
            raise ValueError("a visitor cannot author a post")
        return cls(actor.id, actor.name, actor.role, actor.department)

    def to_wire(self) -> dict[str, object]:
        shown: dict[str, object] = {"name": self.name, "role": self.role.value}
        if self.department is not None:
            shown["dept"] = self.department
        return shown


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a post was held or refused: the phase that found it, and where.

    `start` and `end` count characters of the body; `rule` is one of the eight numbered refusal rules, where one fits.
    `list` or `room_list` is the version of the city's or the room's list that the term stands in.
    """

    phase: str
    category: str | None = None
    term: str | None = None
    start: int | None = None
    end: int | None = None
    rule: int | None = None
    list: int | None = None
    room_list: int | None = None

    def to_wire(self) -> dict[str, object]:
        """`{phase, category?, term?, from?, to?, rule?, list?, room_list?}`; the first five are contract §1."""
        shown: dict[str, object] = {"phase": self.phase}
        named = (
            ("category", self.category),
            ("term", self.term),
            ("from", self.start),
            ("to", self.end),
            ("rule", self.rule),
            ("list", self.list),
            ("room_list", self.room_list),
        )
        shown.update({name: value for name, value in named if value is not None})
        return shown


@dataclass(slots=True)
class Post:
    """A post as a transaction holds it while it decides; mutable only there.

    `version` is the newest text and the fence of every verdict. `shown_version` is the newest *published* text, None
    before publication. `waiting` says that `version` awaits a moderator: true for a pending post, and for a
    published one whose author has revised it. `hidden` is why it is redacted, None while it is shown.
    `seq` numbers its publication in `kind.lane`; `hidden_seq`, `pin_seq`, `stage_seq` number the event that made the
    present state of each.
    """

    id: PostId
    room: RoomId
    question: QuestionId | None
    kind: PostKind
    author: Author
    cid: str
    reply_to: PostId | None
    state: PostState
    version: int
    waiting: bool
    created_at: int
    shown_version: int | None = None
    seq: int | None = None
    number: int | None = None  # the question's public number, once it has one
    askers: int = 1  # of a question: how many ask it
    hidden: str | None = None
    hidden_seq: int | None = None
    pinned: bool = False
    pin_seq: int | None = None
    staged: bool = False
    stage_seq: int | None = None
    lease_by: UserId | None = None
    lease_until: int = 0
    reasons: tuple[Reason, ...] = field(default=())
    up: int = 0
    down: int = 0
    waiting_since: int = 0  # the place in the moderators' queue
