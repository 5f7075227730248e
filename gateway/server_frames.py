"""What the server says on a socket (contract §4): the source of the client's types, and of nothing at run time."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

# Below Python 3.12 pydantic reads only this TypedDict; it comes with pydantic.
from typing_extensions import TypedDict

from gateway.shapes import By, Mute, OwnPost, OwnReport, Reason, Waiting, Warned

FrameId = str | int | None


class Item(TypedDict):
    """One event of a lane; which optional fields there are depends on `k`."""

    s: int
    k: str
    id: str
    at: int
    redacted: NotRequired[bool]
    kind: NotRequired[str]
    q: NotRequired[str | None]  # None: beside every question
    number: NotRequired[int]
    by: NotRequired[By]
    body: NotRequired[str]
    reply_to: NotRequired[str]
    ver: NotRequired[int]
    reason: NotRequired[str]
    state: NotRequired[str]
    askers: NotRequired[int]  # how many ask this question, from two on
    on: NotRequired[bool]
    policy: NotRequired[dict[str, Any]]
    freeze: NotRequired[bool]
    hold: NotRequired[bool]
    verified: NotRequired[bool]
    departments: NotRequired[list[Any]]
    dept: NotRequired[str]  # seat, on `desk`
    name: NotRequired[str]
    waiting: NotRequired[int]  # these only on `mod`
    verdict: NotRequired[str]
    author: NotRequired[str]
    until: NotRequired[int]
    appeal: NotRequired[str]
    of: NotRequired[str]
    reports: NotRequired[int]
    proposal: NotRequired[int]  # to hide a department's answer, on `desk` too
    first: NotRequired[By]  # who proposed what `by` confirmed


class User(TypedDict):
    id: str
    name: str
    role: str
    department: str | None
    verified: NotRequired[bool]  # the city vouches for this netizen


class CommandLimit(TypedDict):
    per_s: float
    burst: int


class Limits(TypedDict):
    message: int
    frames: int
    depth: int
    body: int
    rooms: int
    commands: CommandLimit


class Welcome(TypedDict):
    t: Literal["welcome"]
    id: FrameId
    conn: str
    user: User | None
    hb_ms: int
    limits: Limits
    now: int


class JoinedLane(TypedDict):
    ep: str
    head: int
    mode: Literal["snapshot", "replay"]


class Mine(TypedDict):
    ver: int
    posts: list[OwnPost]
    mute: Mute | None
    warnings: NotRequired[list[Warned]]
    reports: NotRequired[list[OwnReport]]
    votes: dict[str, Literal[1, -1]]
    wait_p50_s: int | None


class Joined(TypedDict):
    t: Literal["joined"]
    id: FrameId
    room: str
    perms: list[str]
    lanes: dict[str, JoinedLane]
    duty: bool
    me: Mine


class Snap(TypedDict):
    t: Literal["snap"]
    r: str
    l: str  # noqa: E741  # the contract's word
    ep: str
    head: int
    state: dict[str, Any]
    x: list[Item]
    pinned: list[str]
    stage: list[str]
    tally: dict[str, tuple[int, int]]
    more: bool


class Ev(TypedDict):
    t: Literal["ev"]
    r: str
    l: str  # noqa: E741
    ep: str
    a: int
    b: int
    x: list[Item]


class Hb(TypedDict):
    t: Literal["hb"]
    r: str
    at: int
    heads: dict[str, int]
    viewers: int
    approx: bool
    duty: bool


class Tally(TypedDict):
    t: Literal["tally"]
    r: str
    x: dict[str, tuple[int, int]]


class Present(TypedDict):
    """At the desk, one connection; in public a department that is writing: `dept`, `post` and `since` only."""

    conn: NotRequired[str]
    name: NotRequired[str]
    dept: str | None
    post: str | None
    doing: NotRequired[Literal["reading", "writing", "idle"]]
    since: int


class Presence(TypedDict):
    t: Literal["presence"]
    r: str
    l: Literal["desk", "pub"]  # noqa: E741
    x: list[Present]


class Draft(TypedDict):
    """The newest text of one's own team for an answer to `post`; an empty `body`: there is none any more."""

    t: Literal["draft"]
    r: str
    post: str
    by: By
    conn: str
    body: str
    ver: int
    at: int


class Claim(TypedDict):
    """`until` 0: held no longer."""

    post: str
    by: By
    until: int


class Claims(TypedDict):
    t: Literal["claims"]
    r: str
    x: list[Claim]


class Health(TypedDict):
    """How the node is served: on `desk` and `mod`, when it changes, and to newcomers when not all is well."""

    t: Literal["health"]
    r: str
    store: Literal["up", "slow", "down"]
    bus: Literal["up", "down"]


class Me(Mine):
    t: Literal["me"]
    r: str


class Reset(TypedDict):
    t: Literal["reset"]
    r: str
    l: str  # noqa: E741
    ep: str
    why: str


class Outcome(TypedDict):
    """Of one post among several: where it stands, or the code of its refusal."""

    post: str
    state: NotRequired[str]
    seq: NotRequired[int]
    number: NotRequired[int]
    code: NotRequired[str]


class Ok(TypedDict):
    """Which optional fields there are depends on the command answered."""

    t: Literal["ok"]
    id: FrameId
    post: NotRequired[str]
    state: NotRequired[str]
    seq: NotRequired[int | None]  # None: nothing yet, a second person must agree
    pending: NotRequired[bool]
    proposal: NotRequired[int]
    until: NotRequired[int]
    ver: NotRequired[int]
    number: NotRequired[int]
    reasons: NotRequired[list[Reason]]
    x: NotRequired[list[Item]]
    posts: NotRequired[list[Waiting]]
    lease_until: NotRequired[int]
    appeal: NotRequired[str]
    askers: NotRequired[int]
    outcomes: NotRequired[list[Outcome]]
    up: NotRequired[int]
    down: NotRequired[int]


class Err(TypedDict):
    t: Literal["err"]
    id: FrameId
    code: str
    msg: str
    temporary: bool
    retry_ms: NotRequired[int]


class Bye(TypedDict):
    t: Literal["bye"]
    code: int
    why: str
    next: Literal["resume", "fresh", "never"]
    after_ms: int
    jitter_ms: int


ServerFrame = (
    Welcome | Joined | Snap | Ev | Hb | Tally | Presence | Draft | Claims | Health | Me | Reset | Ok | Err | Bye
)
