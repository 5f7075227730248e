"""What frames and answers are made of, where more than one of them shows it: the source of the client's types only."""

from __future__ import annotations

from typing import Literal, NotRequired

# Below Python 3.12 pydantic reads only this TypedDict; it comes with pydantic.
from typing_extensions import TypedDict

# `from` is no name in Python.
_Place = TypedDict("_Place", {"from": NotRequired[int], "to": NotRequired[int]})


class Reason(_Place):
    """Why a post was held or refused, and where in its text; by which version of the city's or the room's list."""

    phase: str
    category: NotRequired[str]
    term: NotRequired[str]
    rule: NotRequired[int]
    list: NotRequired[int]
    room_list: NotRequired[int]


class OwnAppeal(TypedDict):
    """`note` is for its author; who decided is not told."""

    appeal: str
    of: Literal["refusal", "hiding", "sanction"]
    state: Literal["open", "upheld", "reversed"]
    at: int
    decided_at: NotRequired[int]
    note: NotRequired[str]


class Reinstated(TypedDict):
    """A refusal that was mended: when and why it was refused, and whether somebody else than who refused mended it."""

    at: int
    refused_at: int | None
    reason: str | None
    colleague: bool


class Warned(TypedDict):
    """A warning not acknowledged yet."""

    until: int
    reason: str
    rule: int | None
    sanction: str
    at: int


class Mute(TypedDict):
    """What keeps one from posting; of several the gravest. `by`: not the person is meant, but where they write from."""

    kind: NotRequired[Literal["mute", "suspend", "ban"]]
    by: NotRequired[Literal["device", "address"]]
    until: int
    reason: str
    rule: int | None
    sanction: str
    appeal: NotRequired[OwnAppeal]


class OwnReport(TypedDict):
    """What one reported of others' posts, and what came of it."""

    post: str
    room: str
    reason: str
    at: int
    state: Literal["open", "dismissed", "redacted"]
    number: NotRequired[int]
    decided_at: NotRequired[int]
    note: NotRequired[str]


class MergedInto(TypedDict):
    """The question that stands for one's own."""

    q: str
    number: int | None


class OwnPost(TypedDict):
    """One's own post. `ahead`: waiting posts before it; `reason` and `note` of a refusal; `body` "" where hidden."""

    post: str
    cid: str
    kind: str
    state: str
    ver: int
    waiting: bool
    body: str
    at: int
    q: str | None
    number: NotRequired[int]
    seq: NotRequired[int]
    reply_to: NotRequired[str]
    reasons: NotRequired[list[Reason]]
    rule: NotRequired[int]
    reason: NotRequired[str]
    note: NotRequired[str]
    hidden: NotRequired[str]
    ahead: NotRequired[int]
    appeal: NotRequired[OwnAppeal]
    reinstated: NotRequired[Reinstated]
    merged: NotRequired[MergedInto]
    masked: NotRequired[bool]  # a moderator covered parts of it


class By(TypedDict):
    """`id` only on the `mod` lane, where who acted is named without a role."""

    name: str
    role: NotRequired[str]
    dept: NotRequired[str]
    id: NotRequired[str]


class Waiting(TypedDict):
    """A post before a moderator; in the queue also `state` and `claim`."""

    post: str
    ver: int
    room: str
    kind: str
    body: str
    by: By
    at: int
    reasons: list[Reason]
    lease_until: int
    lease_by: str | None
    reply_to: str | None
    state: NotRequired[str]
    claim: NotRequired[str]
    number: NotRequired[int]  # of a public question that says nearly the same
    adds: NotRequired[bool]  # says something besides
    cover: NotRequired[list[list[int]]]  # what one key covers of it, as `mod.mask` takes it
