"""The bodies, queries and answers of the API as models: strict on the way in, exact on the way out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SEQ_MAX = 2**53
PAGE = 50

Time = Annotated[int, Field(description="milliseconds since 1970 UTC")]
Seq = Annotated[int, Field(ge=0, le=SEQ_MAX)]
Id = Annotated[str, Field(min_length=1, max_length=40)]
Version = Annotated[int, Field(ge=1, le=2**31)]


class Body(BaseModel):
    """What a client sends: no guessing of types; unknown fields are ignored (contract §4)."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class Query(BaseModel):
    """What stands behind the question mark, where everything is a string."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Shown(BaseModel):
    """What a client gets. Fields not given are left out; new ones may come."""

    model_config = ConfigDict(extra="allow", frozen=True)


# --- people ---------------------------------------------------------------------------------------------------------


class Credentials(Body):
    username: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1000)]
    cookie: bool = False  # also sign the browser in; then `csrf` is answered


class User(Shown):
    id: str
    name: str
    role: str
    department: str | None
    guest: bool
    verified: bool = False  # the city vouches for this netizen


class Me(User):
    csrf: str = ""  # for X-CSRF-Token, with a cookie only


class SignedIn(Shown):
    token: str
    expires_at: Time
    user: User
    csrf: str = ""


class TicketIssued(Shown):
    ticket: str
    expires_at: Time


class DepartmentShown(Shown):
    id: str
    name: str
    name_en: str
    mark: str
    slot: int


class Departments(Shown):
    items: list[DepartmentShown]
    next: str | None


# --- rooms ----------------------------------------------------------------------------------------------------------


class PolicyChange(Body):
    premoderate: bool = True
    staff: Literal["auto", "review"] = "auto"
    guests: bool = True
    before: bool = True
    after: bool = False
    slow_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 0
    trust: Literal["nobody", "trusted", "known"] = "nobody"
    two_person: bool = False


class NewRoom(Body):
    title: str
    summary: str = ""
    departments: list[str]
    lead: str | None = None
    starts_at: Time | None = None
    open: bool = False
    policy: PolicyChange | None = None


class RoomSet(Body):
    policy: PolicyChange | None = None
    freeze: bool | None = None
    hold: bool | None = None
    verified: bool | None = None
    until: Annotated[int, Field(ge=0, le=2**53)] | None = None
    why: Annotated[str, Field(max_length=1000)] = ""


class RoomsQuery(Query):
    state: Literal["scheduled", "live", "paused", "closed"] | None = None
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE


class RoomDepartmentShown(DepartmentShown):
    seated: int


class PolicyShown(Shown):
    premoderate: bool
    staff: str
    guests: bool
    before: bool
    after: bool
    slow_ms: int
    trust: str
    two_person: bool


class RoomShown(Shown):
    id: str
    code: str
    title: str
    summary: str
    state: str
    departments: list[RoomDepartmentShown]
    lead: str | None
    policy: PolicyShown
    frozen: bool
    hold: bool
    verified: bool
    until: Time | None  # when these three end by themselves
    starts_at: Time | None
    opened_at: Time | None
    closed_at: Time | None
    created_at: Time


class RoomPage(Shown):
    items: list[RoomShown]
    next: str | None


class Invitation(Body):
    department: Id


class Invited(Shown):
    url: str
    code: str


class Acceptance(Body):
    code: Annotated[str, Field(min_length=1, max_length=80)]


# --- posts ----------------------------------------------------------------------------------------------------------


class NewPost(Body):
    cid: str
    kind: Literal["question", "comment", "reply", "notice", "note"]
    body: str
    reply_to: Id | None = None


class Revision(Body):
    ver: Version
    body: str


class Receipt(Shown):
    """Where a post stands, as the socket's `ok` says it."""

    post: str
    state: str
    ver: int
    seq: int | None = None
    number: int | None = None
    reasons: list[dict[str, Any]] | None = None


class Why(Body):
    reason: str


class Switch(Body):
    on: bool


class VoteCast(Body):
    v: Annotated[int, Field(ge=-1, le=1)]  # no Literal: that would take True for 1


class Numbered(Shown):
    seq: int


class Tally(Shown):
    up: int
    down: int


# --- reading --------------------------------------------------------------------------------------------------------


class ThreadsQuery(Query):
    before: str | None = None
    cursor: str | None = None  # the same: `next` of the page before
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE


class EventsQuery(Query):
    lane: Literal["pub", "desk", "mod"] = "pub"
    after: Seq = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class TranscriptQuery(Query):
    format: Literal["json", "csv", "md", "html"] = "json"


class Items(Shown):
    items: list[dict[str, Any]]
    next: str | None


class Events(Shown):
    epoch: str
    head: Seq
    items: list[dict[str, Any]]


class Mine(Shown):
    posts: list[dict[str, Any]]
    mute: Any
    warnings: list[dict[str, Any]]
    reports: list[dict[str, Any]]
    votes: dict[str, int]  # 1 or -1, by post
    wait_p50_s: int | None  # how long a text typically waited here for its verdict


# --- moderation -----------------------------------------------------------------------------------------------------


class QueueQuery(Query):
    # A post's state, as everywhere; or, finer, whose hands a pending one is in; or all that has been decided.
    state: Literal["pending", "published", "rejected", "waiting", "leased", "decided"] | None = None
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE


class CityQueueQuery(QueueQuery):
    room: Id | None = None


class AuthorQuery(Query):
    room: Id | None = None


class AuthorCounts(Shown):
    published: int
    hidden: int
    refused: int
    withdrawn: int
    pending: int


class AuthorPost(Shown):
    post: str
    room: str
    kind: str
    state: str
    ver: int
    waiting: bool
    body: str  # "" where hidden or withdrawn
    at: Time
    number: int | None = None
    hidden: str | None = None
    reason: str | None = None


class AuthorSanction(Shown):
    kind: str
    room: str | None
    until: Time
    reason: str
    rule: int | None
    at: Time
    lifted_at: Time | None
    by: Literal["account", "device", "address"] = "account"


class AuthorHistory(Shown):
    counts: AuthorCounts
    posts: list[AuthorPost]
    sanctions: list[AuthorSanction]


class PullRequest(Body):
    room: Id | None = None
    post: Id | None = None
    n: Annotated[int, Field(ge=1, le=50)] = 1
    take_over: bool = False


class Versioned(Body):
    ver: Version


class Decision(Body):
    ver: Version
    verdict: Literal["publish", "reject"]
    reason: str | int | None = None
    note: str | None = None


class Picked(Body):
    post: Id
    ver: Version


class GroupDecision(Body):
    posts: Annotated[list[Picked], Field(min_length=1, max_length=50)]
    verdict: Literal["publish", "reject"]
    reason: str | int | None = None
    note: str | None = None


class Masking(Body):
    ver: Version
    spans: Annotated[
        list[Annotated[list[Annotated[int, Field(ge=0, le=10_000)]], Field(min_length=2, max_length=2)]],
        Field(min_length=1, max_length=50),
    ]
    note: str | None = None


class Merging(Body):
    ver: Version
    posts: Annotated[list[Picked], Field(min_length=1, max_length=50)]


class Outcomes(Shown):
    outcomes: list[dict[str, Any]]


class MergedShown(Shown):
    post: str
    state: str
    askers: int
    outcomes: list[dict[str, Any]]
    seq: int | None = None
    number: int | None = None


class Leased(Shown):
    posts: list[dict[str, Any]]


class Lease(Shown):
    lease_until: Time
