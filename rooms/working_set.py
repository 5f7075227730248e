"""What a batch of commands is decided on: everything it may look at, loaded beforehand, and everything it changes.

No I/O happens here. `Records` keep what was loaded beside what it became, so that whoever writes the batch asks for the
difference; a decision only has to change what it decided on. A decision raises its `Refusal` before its first change:
a refused command leaves no trace.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from accounts.model import Department
from kernel.ids import DepartmentId, PostId, QuestionId, RoomId, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from rooms.appeals import AppealEntry
from rooms.model import Lane, Post, PostState, Room
from rooms.proposals import ProposalEntry
from rooms.reports import ReportCase, ReportEntry
from rooms.sanctions import SanctionEntry
from rooms.sealing import Seal, Sealed, digest_of

K = TypeVar("K")
V = TypeVar("V")


class Records(Generic[K, V]):
    """Things by key, with what each was when it was loaded."""

    def __init__(self) -> None:
        self._now: dict[K, V] = {}
        self._before: dict[K, V] = {}

    def load(self, key: K, value: V) -> None:
        """Takes in what the store holds; what is here already is newer and stays."""
        if key not in self._now:
            self._now[key] = value
            self._before[key] = copy.copy(value)

    def add(self, key: K, value: V) -> None:
        self._now[key] = value

    def get(self, key: K) -> V | None:
        return self._now.get(key)

    def __getitem__(self, key: K) -> V:
        return self._now[key]

    def __contains__(self, key: object) -> bool:
        return key in self._now

    def __iter__(self) -> Iterator[V]:
        return iter(self._now.values())

    def added(self) -> list[V]:
        return [value for key, value in self._now.items() if key not in self._before]

    def changed(self) -> list[tuple[V, V]]:
        """Pairs of what was loaded and what it became, where they differ."""
        return [(before, self._now[key]) for key, before in self._before.items() if self._now[key] != before]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Records) and (self._now, self._before) == (other._now, other._before)

    __hash__ = None  # type: ignore[assignment]


@dataclass(slots=True)
class RoomEntry:
    """A room, the last question number given there, and how many of its posts wait for a moderator.

    `head` is where `pub` stood when it was read, in `epoch`; `announced` is the draft the batch last put there.
    """

    room: Room
    last_number: int = 0
    waiting: int = 0
    head: int = 0
    announced: int | None = None
    epoch: str = ""


@dataclass(slots=True)
class Question:
    id: QuestionId
    room: RoomId
    asker: UserId
    state: str  # received | asked | answered
    created_at: int
    number: int | None = None
    lead: DepartmentId | None = None
    merged_into: QuestionId | None = None
    askers: int = 1  # its own and those of all that were merged into it


@dataclass(frozen=True, slots=True)
class Text:
    """One version of a post's words, with the salt of its digest; without both, they were erased."""

    post: PostId
    version: int
    body: str
    salt: bytes
    by: UserId
    at: int

    @property
    def erased(self) -> bool:
        return not self.salt


@dataclass(frozen=True, slots=True)
class RulingEntry:
    post: PostId
    version: int
    ruling: str
    moderator: UserId
    reason: str | None
    note: str | None
    seq: int | None
    at: int


@dataclass(frozen=True, slots=True)
class VoteEntry:
    post: PostId
    voter: UserId
    value: int
    at: int


@dataclass(frozen=True, slots=True)
class Invitation:
    code: str
    secret_hash: str
    room: RoomId
    department: DepartmentId
    by: UserId
    at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Seat:
    room: RoomId
    account: UserId
    department: DepartmentId
    at: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has no number yet. `version` is the text it publishes or judges."""

    room: RoomId
    lane: Lane
    kind: str
    at: int
    ref: PostId | None = None
    version: int | None = None
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    action: str  # domain:subject:action
    actor: UserId
    subject: str
    detail: dict[str, Any]
    at: int


@dataclass(slots=True)
class WorkingSet:
    """The store as one batch sees it at `now`.

    Events are numbered only when the batch is written. Until then a draft goes by a number below zero: −1 is the first
    draft of the batch, −2 the second; `Post.seq` and its like, and the outcomes, carry it until its lane numbers it.
    """

    now: int
    rooms: Records[RoomId, RoomEntry] = field(default_factory=Records)
    posts: Records[PostId, Post] = field(default_factory=Records)
    questions: Records[QuestionId, Question] = field(default_factory=Records)
    texts: Records[tuple[PostId, int], Text] = field(default_factory=Records)
    rulings: Records[tuple[PostId, int], RulingEntry] = field(default_factory=Records)
    sanctions: Records[str, SanctionEntry] = field(default_factory=Records)
    appeals: Records[str, AppealEntry] = field(default_factory=Records)  # by their subject
    cases: Records[PostId, ReportCase] = field(default_factory=Records)
    reports: Records[tuple[PostId, UserId], ReportEntry] = field(default_factory=Records)
    proposals: Records[PostId, ProposalEntry] = field(default_factory=Records)  # the newest of each post
    sealed: dict[tuple[PostId, int], bytes] = field(default_factory=dict)  # digests of what is to be opened
    sealed_at: dict[tuple[PostId, int], int] = field(default_factory=dict)  # when it was last refused, hidden …
    kept: set[tuple[PostId, int]] = field(default_factory=set)  # sealed, and not to be erased
    erased: set[tuple[PostId, int]] = field(default_factory=set)  # by this batch
    seals: list[Seal] = field(default_factory=list)
    hiders: dict[PostId, UserId] = field(default_factory=dict)  # who hid what is hidden
    proposers: dict[tuple[PostId, UserId], set[UserId]] = field(default_factory=dict)  # for whom somebody ever hid it
    votes: Records[tuple[PostId, UserId], VoteEntry] = field(default_factory=Records)
    invitations: Records[str, Invitation] = field(default_factory=Records)
    seats: Records[tuple[RoomId, UserId], Seat] = field(default_factory=Records)
    departments: dict[DepartmentId, Department] = field(default_factory=dict)
    cids: dict[tuple[RoomId, UserId, str], PostId] = field(default_factory=dict)
    last_posts: dict[tuple[RoomId, UserId], int] = field(default_factory=dict)  # when they last posted there
    drafts: list[Draft] = field(default_factory=list)
    audits: list[AuditEntry] = field(default_factory=list)
    queued: dict[RoomId, int] = field(default_factory=dict)  # rooms whose queue changed, and when
    voted: set[PostId] = field(default_factory=set)
    # Where somebody pulls: how many waiting posts of each room moderators hold, as the batch found it and leased more.
    held: dict[RoomId, int] = field(default_factory=dict)

    def room(self, room: RoomId) -> RoomEntry:
        entry = self.rooms.get(room)
        if entry is None:
            raise Refusal("no_room")
        return entry

    def post(self, post: PostId) -> Post:
        found = self.posts.get(post)
        if found is None:
            raise Refusal("no_post")
        return found

    def shown_post(self, post: PostId) -> Post:
        """A published post that is not hidden; anything else is `no_post`."""
        found = self.post(post)
        if found.state is not PostState.PUBLISHED or found.hidden is not None:
            raise Refusal("no_post")
        return found

    def record(self, draft: Draft) -> int:
        """Appends to a lane; answers the draft's number below zero."""
        self.drafts.append(draft)
        number = -len(self.drafts)
        if draft.lane is Lane.PUB:
            self.room(draft.room).announced = number
        return number

    def pub_position(self, room: RoomId) -> int:
        """Where `pub` stands after what the batch has put there so far."""
        entry = self.room(room)
        return entry.head if entry.announced is None else entry.announced

    def seal(self, post: Post, version: int, why: Sealed, by: UserId | None, reason: str | None, at: int) -> None:
        """Puts this version of the post under seal: what was decided about which words, whatever becomes of them."""
        text = self.texts[post.id, version]
        digest = self.sealed.get((post.id, version)) or digest_of(text.salt, text.body)
        self.seals.append(Seal(post.room, post.id, version, why, by, reason, digest, at))

    def erase(self, post: PostId, version: int) -> None:
        """Takes text and salt away for good: what is left of them is the digest in their seal."""
        self.texts.add((post, version), replace(self.texts[post, version], body="", salt=b""))
        self.erased.add((post, version))

    def set_waiting(self, post: Post, waiting: bool, at: int) -> None:
        """Puts a post before the moderators or takes it away; whoever held it holds it no longer."""
        if waiting != post.waiting:
            post.waiting = waiting
            self.room(post.room).waiting += 1 if waiting else -1
            if waiting:
                post.waiting_since = at
        post.lease_by, post.lease_until = None, 0

    def announce_queue(self, room: RoomId, at: int) -> None:
        """Moderators are told how many wait: once per batch and room, in `close`."""
        self.queued[room] = at

    def close(self) -> None:
        """Ends the deciding: adds what is said once for the whole batch."""
        for room, at in self.queued.items():
            waiting = {"waiting": self.room(room).waiting}
            self.record(Draft(room, Lane.MOD, "queue", at, meta=waiting))
        self.queued = {}


def signed(by: Actor) -> UserId:
    """Who answers for a change; nobody unnamed changes anything."""
    if by.id is None:
        raise Refusal("unauthenticated")
    return by.id


def named(by: Actor) -> dict[str, Any]:
    """Who did it, as moderators are told."""
    return {"name": by.name, "role": by.role.value, "id": by.id}
