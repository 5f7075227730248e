"""How a room was moderated, in numbers only: what came, what became of it and why, how long it took, who objected."""

from __future__ import annotations

from collections import Counter
from statistics import median, quantiles
from typing import Any, Final

from sqlalchemy import Connection, and_, func, select

from kernel.ids import RoomId
from persistence.schema import event, post, post_version, question, ruling
from persistence.schema_redress import appeal, hiding_proposal, report_case
from rooms.model import Lane, PostKind, PostState
from rooms.proposals import ProposalState
from rooms.reports import CaseState

# Of the newest: more tell nothing else.
_SAMPLE: Final = 5_000


def read_ledger(connection: Connection, room: RoomId) -> dict[str, Any]:
    """`{posts, refused_by, hidden_by, verdicts, wait_p50_s, wait_p90_s, appeals, reports, two_person, unanswered}`.

    Notes are backstage, and not counted. Never a text, never a name.
    """
    p50, p90, verdicts = _waits(connection, room)
    return {
        "posts": _posts(connection, room),
        "refused_by": _refused_by(connection, room),
        "hidden_by": _hidden_by(connection, room),
        "verdicts": verdicts,
        "wait_p50_s": p50,
        "wait_p90_s": p90,
        "appeals": _appeals(connection, room),
        "reports": _reports(connection, room),
        "two_person": _two_person(connection, room),
        "unanswered": _unanswered(connection, room),
    }


_HIDDEN = post.c.hidden.is_not(None)


def _public(room: RoomId) -> tuple[Any, ...]:
    return post.c.room_id == room, post.c.kind != PostKind.NOTE.value


def _counted(connection: Connection, query: Any, by: Any) -> dict[str, int]:
    rows = sorted(map(tuple, connection.execute(query.group_by(by))), key=lambda row: -row[1])
    return {str(key): n for key, n in rows}


def _hidden_by(connection: Connection, room: RoomId) -> dict[str, int]:
    query = select(post.c.hidden, func.count()).where(*_public(room), _HIDDEN)
    return _counted(connection, query, post.c.hidden)


def _posts(connection: Connection, room: RoomId) -> dict[str, int]:
    """Every post stands in one of them; a revision that waits beside a published text is counted as waiting too."""
    names = {PostState.REJECTED.value: "refused", PostState.PENDING.value: "waiting"}
    counts = dict.fromkeys(("received", "published", "hidden", "refused", "waiting", "withdrawn"), 0)
    query = select(post.c.state, _HIDDEN.label("gone"), func.count().label("n")).where(*_public(room))
    for state, gone, n in map(tuple, connection.execute(query.group_by(post.c.state, _HIDDEN))):
        counts["received"] += n
        counts["hidden" if gone and state == PostState.PUBLISHED.value else names.get(state, state)] += n
    return counts


def _refused_by(connection: Connection, room: RoomId) -> dict[str, int]:
    """Of what stands refused: the rule a moderator named, else the phase that found something; most first."""
    judged = and_(ruling.c.post_id == post.c.id, ruling.c.version == post.c.version)
    query = (
        select(ruling.c.reason, ruling.c.ruling, post.c.reasons)
        .select_from(post)
        .outerjoin(ruling, judged)
        .where(*_public(room), post.c.state == PostState.REJECTED.value)
        .order_by(post.c.id.desc())
        .limit(_SAMPLE)
    )
    reasons = Counter(
        (reason or "other") if verdict is not None else (found[0]["phase"] if found else "other")
        for reason, verdict, found in map(tuple, connection.execute(query))
    )
    return dict(reasons.most_common())


def _waits(connection: Connection, room: RoomId) -> tuple[int | None, int | None, int]:
    """Seconds from a text's arrival to a person's verdict: half were quicker, nine in ten were; and how many."""
    written = and_(post_version.c.post_id == event.c.ref, post_version.c.version == event.c.version)
    query = (
        select(event.c.at - post_version.c.created_at)
        .select_from(event)
        .join(post_version, written)
        .where(event.c.stream_id == room, event.c.lane == Lane.MOD.value, event.c.kind == "verdict")
        .order_by(event.c.seq.desc())
        .limit(_SAMPLE)
    )
    waits = [max(0, wait) for wait in connection.execute(query).scalars()]
    if not waits:
        return None, None, 0
    p90 = quantiles(waits, n=10, method="inclusive")[-1] if len(waits) > 1 else waits[0]
    return max(1, round(median(waits) / 1_000)), max(1, round(p90 / 1_000)), len(waits)


def _appeals(connection: Connection, room: RoomId) -> dict[str, int]:
    counts = dict.fromkeys(("open", "upheld", "reversed"), 0)
    query = select(appeal.c.state, func.count()).where(appeal.c.room_id == room)
    return counts | _counted(connection, query, appeal.c.state)


def _reports(connection: Connection, room: RoomId) -> dict[str, int]:
    """`made` by people; the others are posts reported. What was hidden by another way counts as it stands."""
    counts = {"made": 0, **dict.fromkeys((state.value for state in CaseState), 0)}
    query = (
        select(report_case.c.state, post.c.hidden, report_case.c.reports)
        .join(post, post.c.id == report_case.c.post_id)
        .where(report_case.c.room_id == room)
    )
    for state, hidden, n in map(tuple, connection.execute(query)):
        counts["made"] += n
        counts[CaseState.REDACTED.value if hidden is not None else state] += 1
    return counts


def _two_person(connection: Connection, room: RoomId) -> dict[str, int]:
    """Answers of which the newest proposal to hide them was agreed to, or declined; what is open is nobody's yet."""
    kept = (ProposalState.CONFIRMED.value, ProposalState.DECLINED.value)
    query = select(hiding_proposal.c.state, func.count()).where(
        hiding_proposal.c.room_id == room, hiding_proposal.c.state.in_(kept)
    )
    return dict.fromkeys(kept, 0) | _counted(connection, query, hiding_proposal.c.state)


def _unanswered(connection: Connection, room: RoomId) -> int:
    """Questions that everybody can read and nobody has answered."""
    asks = and_(question.c.id == post.c.question_id, post.c.kind == PostKind.QUESTION.value)
    query = (
        select(func.count())
        .select_from(post)
        .join(question, asks)
        .where(post.c.room_id == room, post.c.state == PostState.PUBLISHED.value, post.c.hidden.is_(None))
        .where(question.c.state != "answered")
    )
    return connection.execute(query).scalar_one()
