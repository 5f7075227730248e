"""The bodies and answers of what comes after a decision: appeals, reports, sanctions, hiding, sealed evidence."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.schemas import PAGE, Body, Id, Query, Shown, Time, Version


class NewAppeal(Body):
    text: Annotated[str, Field(max_length=2_000)] | None = None  # 500 characters once cleaned


class AppealShown(Shown):
    appeal: str
    state: str


class AppealsQuery(Query):
    room: Id | None = None
    state: Literal["open", "upheld", "reversed"] | None = None
    cursor: Id | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE


class AppealDecision(Body):
    outcome: Literal["upheld", "reversed"]
    note: str | None = None


class Reinstatement(Body):
    ver: Version
    note: str | None = None


class NewReport(Body):
    reason: str
    note: Annotated[str, Field(max_length=1_000)] | None = None  # 200 characters once cleaned


class CaseShown(Shown):
    post: str
    state: str


class ReportsQuery(Query):
    room: Id | None = None
    state: Literal["open", "dismissed", "redacted"] | None = None
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE


class ReportJudgement(Body):
    outcome: Literal["dismissed", "redacted"]
    reason: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.:-]{0,31}$")] | None = None
    note: str | None = None


class Hiding(Body):
    """`proposal`: confirms this one, and no other."""

    reason: str
    proposal: Annotated[int, Field(ge=0, le=2**31)] | None = None


class Hidden(Shown):
    """`seq` null and `pending`: nothing is hidden before a second person agrees."""

    seq: int | None
    pending: bool = False
    proposal: int | None = None
    until: int | None = None


class Declining(Body):
    proposal: Annotated[int, Field(ge=0, le=2**31)] | None = None
    note: str | None = None


class ProposalShown(Shown):
    post: str
    state: str


class ProposalsQuery(Query):
    state: Literal["open", "confirmed", "declined", "withdrawn", "expired", "stale"] = "open"
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE


class Opening(Body):
    ver: Version
    reason: Annotated[str, Field(max_length=2_000)]


class Keeping(Opening):
    on: bool


class EvidenceKept(Shown):
    post: str
    ver: int
    kept: bool


class EvidenceShown(Shown):
    post: str
    ver: int
    body: str  # "" where it was erased since
    digest: str


class Asking(Body):
    cid: str
    body: str


class Asked(Shown):
    note: str
    seq: int | None


class Answered(Shown):
    note: str
    by: dict[str, str]
    body: str
    at: Time


class AskedShown(Answered):
    answers: list[Answered]


class AskedPage(Shown):
    items: list[AskedShown]
    next: str | None


class HistoryQuery(Query):
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class EvidenceQuery(Query):
    room: Id | None = None
    post: Id | None = None
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE


class Ledger(Shown):
    """Counts by name or by code, and times in seconds; null before the first verdict."""

    room: str
    posts: dict[str, int]
    refused_by: dict[str, int]
    hidden_by: dict[str, int]
    verdicts: int
    wait_p50_s: int | None
    wait_p90_s: int | None
    appeals: dict[str, int]
    reports: dict[str, int]
    two_person: dict[str, int]
    unanswered: int


class NewSanction(Body):
    user: Id
    room: Id | None = None
    until: Time
    reason: str
    rule: int | None = None
    kind: Literal["warn", "mute", "suspend", "ban"] = "mute"
    by: Literal["account", "device", "address"] = "account"
    others: Annotated[int, Field(ge=0)] | None = None  # how many other people were shown to write from there


class NeighboursShown(Shown):
    """How many other guests wrote from where the author wrote last, in 7 days; null: not known."""

    device: int | None
    address: int | None
    most: int


class SanctionQuery(Query):
    user: Id
    room: Id | None = None


class Sanctioned(Shown):
    until: Time
