"""Where texts could come out, and which of them may, for whom: one entry for every address that answers a GET.

An entry names the ways to ask and, by role, the fates that may be read there; who is not named may read none. What was
public and is hidden, taken back or covered stands in no entry: no address gives it to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Fates = frozenset[str]
NONE: Fates = frozenset()
# One's own texts as far as they are one's own business: what was decided about them is shown beside them.
OWN: Fates = frozenset({"held", "refused", "stopped", "given", "joined", "revision"})
WAITING: Fates = frozenset({"held", "revision"})
# What moderators ask the desk: read by those who answer, and beside the post that it is about.
BACKSTAGE: Fates = frozenset({"ask"})


@dataclass(frozen=True, slots=True)
class Place:
    """`asked` are the query strings to try; `may` says, by role, what may be read."""

    asked: tuple[str, ...] = ("",)
    may: Mapping[str, Fates] = field(default_factory=dict)


_QUEUE = Place(
    ("", "?state=pending", "?state=waiting", "?state=leased", "?state=decided", "?state=published", "?state=rejected"),
    {"moderator1": WAITING | {"refused", "joined"}},
)
# That an answer is proposed to be hidden, and why, before a second person has agreed: by no netizen, in no export.
PROPOSED: Fates = frozenset({"proposed"})
AT_DESK = ("host", "inspector1", "price1")
_CASES = frozenset({"refused", "appeal"})

PLACES: Mapping[str, Place] = {
    "/api/v1/me": Place(),
    "/api/v1/departments": Place(),
    "/api/v1/rooms": Place(),
    "/api/v1/rooms/{room}": Place(),
    "/api/v1/rooms/{room}/questions": Place(),
    "/api/v1/rooms/{room}/events": Place(
        ("", "?lane=desk", "?lane=mod&limit=1000"),
        {**dict.fromkeys(AT_DESK, PROPOSED | BACKSTAGE), "moderator1": PROPOSED},
    ),
    "/api/v1/rooms/{room}/mine": Place(may={"guest": OWN, "moderator1": BACKSTAGE}),
    "/api/v1/rooms/{room}/transcript": Place(tuple(f"?format={one}" for one in ("json", "csv", "md", "html"))),
    "/api/v1/rooms/{room}/ledger": Place(),
    "/api/v1/rooms/{room}/queue": _QUEUE,
    "/api/v1/queue": _QUEUE,
    "/api/v1/queue/health": Place(),
    "/api/v1/reports": Place(("", "?state=dismissed", "?state=redacted"), {"moderator1": frozenset({"report"})}),
    "/api/v1/evidence": Place(),
    "/api/v1/proposals": Place(("", "?state=declined"), {"moderator1": PROPOSED, "host": PROPOSED}),
    "/api/v1/rooms/{room}/proposals": Place(may=dict.fromkeys((*AT_DESK, "moderator1"), PROPOSED)),
    "/api/v1/appeals": Place(("", "?state=upheld", "?state=reversed"), {"moderator1": _CASES, "moderator2": _CASES}),
    "/api/v1/posts/{post}/alike": Place(may={"moderator1": WAITING}),
    "/api/v1/authors/{author}/history": Place(
        ("", "?room={room}"), {"moderator1": WAITING | {"refused", "stopped", "joined"}}
    ),
    "/api/v1/posts/{post}/history": Place(("", "?limit=2"), {"moderator1": WAITING | {"refused", "stopped", "joined"}}),
    "/api/v1/posts/{post}/asked": Place(may={"moderator1": BACKSTAGE}),
    "/api/v1/authors/{author}/trust": Place(),
    "/api/v1/authors/{author}/neighbours": Place(),
    "/api/v1/rooms/{room}/policy": Place(),
    "/api/v1/rooms/{room}/policy/stakes": Place(),
    "/api/v1/wordlists": Place(),
    "/api/v1/wordlists/{scope}": Place(),
    "/api/v1/wordlists/{scope}/versions": Place(),
    "/api/v1/wordlists/{scope}/diff": Place(("", "?old=1&new=1")),
    "/api/v1/wordlists/{scope}/export": Place(),
    "/api/v1/openapi.json": Place(),
    "/healthz": Place(),
    "/readyz": Place(),
    "/metrics": Place(),
    "/static/{path:path}": Place(),
    "/rooms/{room}": Place(("", "?before=9999", "?show=mine"), {"guest": OWN}),
    "/": Place(("", "?q=zqx")),
    "/rooms/{room}/calendar.ics": Place(),
    "/rooms/{room}/ledger": Place(),
    "/my": Place(may={"guest": OWN}),
    "/my/lookup": Place(),
    "/posts/{post}/report": Place(),
    "/rooms/{room}/transcript": Place(),
    "/signin": Place(),
    "/signin/vouched": Place(),
    "/signin/vouched/back": Place(),
    "/invitations": Place(),
    "/desk": Place(),
    "/desk/new": Place(),
    "/desk/rooms/{room}": Place(may=dict.fromkeys(AT_DESK, BACKSTAGE)),
    "/desk/rooms/{room}/policy": Place(),
    "/moderation": Place(("", "?room={room}"), {"moderator1": WAITING}),
    "/moderation/cases": Place(may={"moderator1": _CASES | {"report"} | PROPOSED}),
    "/moderation/words": Place(),
    "/watch": Place(),
    "/audit": Place(("", "?part=seals", "?part=check", "?kind=rulings"), {"inspector1": PROPOSED, "admin": PROPOSED}),
}
