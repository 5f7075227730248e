"""Bodies, queries and answers of the calls about word lists."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.schemas import Body, Query, Shown, Time

_Text = Annotated[str, Field(max_length=16 * 1024 * 1024)]


class ListChange(Body):
    """Whole texts in place of what stands, or single terms to put and to remove; `put` is written as a list is."""

    terms: _Text | None = None  # text, one term a line, or CSV with the header term,category,action,match
    exceptions: _Text | None = None  # one a line
    put: _Text | None = None
    remove: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=10_000)


class ListPublication(ListChange):
    based_on: Annotated[int, Field(ge=0, le=2**31)]  # the version that was changed; 0: there is none
    reason: Annotated[str, Field(max_length=1000)]


class ListTrial(ListChange):
    n: Annotated[int, Field(ge=1, le=1000)] = 1000


class ListQuery(Query):
    number: Annotated[int, Field(ge=1, le=2**31)] | None = None


class ListExportQuery(ListQuery):
    format: Literal["csv", "txt"] = "csv"
    part: Literal["terms", "exceptions"] = "terms"


class ListVersionsQuery(Query):
    cursor: Annotated[int, Field(ge=1, le=2**31)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class ListDiffQuery(Query):
    older: Annotated[int, Field(ge=0, le=2**31)]
    newer: Annotated[int, Field(ge=1, le=2**31)]


class ListSigner(Shown):
    id: str  # "": the settings' own file
    name: str


class ListTold(Shown):
    scope: str
    number: int  # 0: there is no list yet
    by: ListSigner
    at: Time
    reason: str
    count: int
    exception_count: int
    digest: str


class ListShown(ListTold):
    terms: str  # CSV
    exceptions: str  # one a line


class ListVersions(Shown):
    items: list[ListTold]
    next: str | None


class ListStanding(Shown):
    scope: str
    number: int
    in_force: int | None  # the version this node judges by; null: none yet


class ListHeads(Shown):
    items: list[ListStanding]
    next: str | None


class TermShown(Shown):
    term: str
    category: str | None
    action: str
    match: list[str]


class ListDiff(Shown):
    """Each list holds at most 1,000; the counts are of all."""

    counts: dict[str, int]
    added: list[TermShown]
    removed: list[TermShown]
    changed: list[TermShown]
    exceptions_added: list[str]
    exceptions_removed: list[str]


class ListTrialResult(Shown):
    tried: int
    held: int  # texts that would newly be held
    refused: int
    let_through: int
    changed: list[dict[str, Any]]  # the newest 50: {post, room, body, at, before, after, reasons}
