"""What concerns only one user in one room: the own posts wherever they are, the own votes, a mute."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Row, Select, String, and_, func, literal, or_, select, text, tuple_

from kernel.ids import RoomId, SourceKey, UserId
from persistence.own_redress import Redress
from persistence.reader import page
from persistence.report_reads import read_own_reports
from persistence.schema import event, post, post_version, question, ruling, sanction, vote
from persistence.schema import room as room_table
from rooms.author_reasons import told_to_author
from rooms.model import Lane, PostKind, PostState
from rooms.sanctions import BY_WEIGHT, SanctionKind, Via

VOTES_MAX: Final = 500
SANCTIONS_MAX: Final = 20
# Of the moderators' lane, where every verdict stands among other events.
_WAIT_EVENTS: Final = 100
# What one's own question was merged into.
_TARGET = question.alias("target")


def read_my(
    connection: Connection, room: RoomId, user: UserId, limit: int, now: int, sources: Sequence[SourceKey] = ()
) -> dict[str, Any]:
    """`{posts, mute, warnings, reports, votes, wait_p50_s}`, posts newest first.

    A hidden post's own author is not sent its text either: hidden is hidden.
    """
    rows = connection.execute(_own_posts(user).where(post.c.room_id == room).limit(page(limit))).all()
    mute = read_mute(connection, room, user, now, sources)
    redress = Redress(connection, user, room, rows, sanctioned=mute is not None)
    if mute is not None and (made := redress.of_sanction(mute["sanction"])) is not None:
        mute["appeal"] = made
    return {
        "posts": [_own(row, _ahead(connection, row) if row.waiting else None, redress) for row in rows],
        "mute": mute,
        "warnings": _warnings(connection, room, user, now),
        "reports": read_own_reports(connection, user, room),
        "votes": _votes(connection, room, user),
        "wait_p50_s": read_typical_wait(connection, room),
    }


def read_all_mine(
    connection: Connection, user: UserId, limit: int, now: int, sources: Sequence[SourceKey] = ()
) -> dict[str, Any]:
    """`{posts, sanctions, reports}` of all rooms, newest first; posts say their room and whether they are answered."""
    query = _own_posts(user).add_columns(room_table.c.title, room_table.c.state.label("room_state"))
    query = query.join(room_table, room_table.c.id == post.c.room_id).limit(page(limit))
    rows = connection.execute(query).all()
    redress = Redress(connection, user, None, rows, sanctioned=True)
    return {
        "posts": [_placed(row, _own(row, _ahead(connection, row) if row.waiting else None, redress)) for row in rows],
        "sanctions": _own_sanctions(connection, user, sources, redress, now),
        "reports": read_own_reports(connection, user, None),
    }


def _placed(row: Row[Any], own: dict[str, Any]) -> dict[str, Any]:
    ruled = {} if row.ruled_at is None else {"ruled_at": row.ruled_at}
    answered = row.question_state == "answered" and row.kind == PostKind.QUESTION.value
    return own | {"room": row.room_id, "title": row.title, "room_state": row.room_state, "answered": answered} | ruled


def _own_sanctions(
    connection: Connection, user: UserId, sources: Sequence[SourceKey], redress: Redress, now: int
) -> list[dict[str, Any]]:
    """The newest, those over or lifted too: nobody is told less for having been right.

    Of those on where somebody writes from: the ones that stop them now, and those they appealed against.
    """
    of_source = and_(sanction.c.subject.in_(sources), sanction.c.until > now, sanction.c.lifted_at.is_(None))
    concerned = or_(sanction.c.user_id == user, of_source, sanction.c.id.in_(redress.sanctions))
    query = select(sanction).where(concerned).order_by(sanction.c.id.desc()).limit(SANCTIONS_MAX)
    return [
        {
            "sanction": row.id,
            "kind": row.kind,
            "acknowledged_at": row.acknowledged_at,
            "room": row.room_id,
            "until": row.until,
            "reason": row.reason,
            "rule": row.rule,
            "at": row.created_at,
            "in_force": row.lifted_at is None and row.until > now,
            "lifted_at": row.lifted_at,
            "appeal": redress.of_sanction(row.id),
            **_by(row),
        }
        for row in connection.execute(query)
    ]


def _own_posts(user: UserId) -> Select[Any]:
    return (
        select(
            post,
            post_version.c.body,
            question.c.number,
            question.c.state.label("question_state"),
            question.c.merged_into,
            _TARGET.c.number.label("merged_number"),
            ruling.c.ruling,
            ruling.c.reason.label("ruling_reason"),
            ruling.c.note,
            ruling.c.at.label("ruled_at"),
        )
        .outerjoin(post_version, and_(post_version.c.post_id == post.c.id, post_version.c.version == post.c.version))
        .outerjoin(question, question.c.id == post.c.question_id)
        .outerjoin(_TARGET, _TARGET.c.id == question.c.merged_into)
        .outerjoin(ruling, and_(ruling.c.post_id == post.c.id, ruling.c.version == post.c.version))
        .where(post.c.author_id == user)
        .order_by(post.c.id.desc())
    )


def read_typical_wait(connection: Connection, room: RoomId) -> int | None:
    """Seconds from a text's arrival to its verdict, in the middle of the newest verdicts; None before the first."""
    recent = (
        select(event.c.kind, event.c.ref, event.c.version, event.c.at)
        .where(event.c.stream_id == room, event.c.lane == Lane.MOD.value)
        .order_by(event.c.seq.desc())
        .limit(_WAIT_EVENTS)
        .subquery()
    )
    written = and_(post_version.c.post_id == recent.c.ref, post_version.c.version == recent.c.version)
    query = (
        select(recent.c.at - post_version.c.created_at)
        .select_from(recent)
        .join(post_version, written)
        .where(recent.c.kind == "verdict")
    )
    waits = list(connection.execute(query).scalars())
    return max(1, round(median(waits) / 1_000)) if waits else None


def _votes(connection: Connection, room: RoomId, user: UserId) -> dict[str, int]:
    """The newest, as many as one frame should carry."""
    query = (
        select(vote.c.post_id, vote.c.value)
        .join(post, post.c.id == vote.c.post_id)
        .where(vote.c.voter_id == user, vote.c.value != 0, post.c.room_id == room)
        .order_by(vote.c.post_id.desc())
        .limit(VOTES_MAX)
    )
    return {row.post_id: row.value for row in connection.execute(query)}


def read_mute(
    connection: Connection, room: RoomId, user: UserId, now: int, sources: Sequence[SourceKey] = ()
) -> dict[str, Any] | None:
    """What keeps the user from posting, here or everywhere: the gravest step, of those the longest."""
    rows = [row for row in _in_force(connection, room, (user, *sources), now) if row.kind != SanctionKind.WARN.value]
    if not rows:
        return None
    row = min(rows, key=lambda one: (BY_WEIGHT.index(SanctionKind(one.kind)), -one.until))
    return {"kind": row.kind, **_sanction_told(row), **_by(row)}


def _by(row: Row[Any]) -> dict[str, str]:
    """Said where it is not the person who is meant, but where they write from."""
    return {} if row.via == Via.ACCOUNT.value else {"by": row.via}


def _warnings(connection: Connection, room: RoomId, user: UserId, now: int) -> list[dict[str, Any]]:
    """Those not acknowledged yet."""
    rows = _in_force(connection, room, (user,), now)
    return [
        {**_sanction_told(row), "at": row.created_at}
        for row in rows
        if row.kind == SanctionKind.WARN.value and row.acknowledged_at is None
    ]


def _in_force(connection: Connection, room: RoomId, subjects: Sequence[str], now: int) -> Sequence[Row[Any]]:
    query = (
        select(sanction)
        .where(sanction.c.subject.in_(subjects), sanction.c.until > now, sanction.c.lifted_at.is_(None))
        .where(or_(sanction.c.room_id == room, sanction.c.room_id.is_(None)))
        .order_by(sanction.c.until.desc())
        .limit(SANCTIONS_MAX)
    )
    return connection.execute(query).all()


def _sanction_told(row: Row[Any]) -> dict[str, Any]:
    return {"until": row.until, "reason": row.reason, "rule": row.rule, "sanction": row.id}


def _ahead(connection: Connection, row: Row[Any]) -> int:
    own = tuple_(literal(row.waiting_since, BigInteger), literal(row.id, String))
    earlier = tuple_(post.c.waiting_since, post.c.id) < own
    query = select(func.count()).select_from(post).where(text("post.waiting"), post.c.room_id == row.room_id, earlier)
    return connection.execute(query).scalar_one()


def _own(row: Row[Any], ahead: int | None, redress: Redress) -> dict[str, Any]:
    refused = row.ruling == "reject" or row.state == PostState.REJECTED.value
    # What was found in a text that is shown are flags for moderators.
    reasons = told_to_author(row.reasons) if row.waiting or refused else []
    optional = {
        "number": row.number,
        "seq": row.seq,
        "reply_to": row.reply_to,
        "reasons": reasons or None,
        "rule": _rule(row, reasons, refused=refused),
        "reason": row.ruling_reason if refused else None,
        "note": row.note if refused else None,
        "hidden": row.hidden,
        "ahead": ahead,
        "merged": _merged(row),
        "masked": True if row.ruling == "publish" and row.ruling_reason == "masked" else None,
    }
    shown = {
        "post": row.id,
        "cid": row.cid,
        "kind": row.kind,
        "state": row.state,
        "ver": row.version,
        "waiting": row.waiting,
        "body": "" if row.hidden else row.body,
        "at": row.created_at,
        "q": row.question_id,
    }
    told = {name: value for name, value in optional.items() if value is not None}
    return shown | told | redress.of_post(row, refused=refused)


def _merged(row: Row[Any]) -> dict[str, Any] | None:
    """Where this question went: what everybody sees instead of it."""
    if row.merged_into is None or row.id != row.question_id:
        return None
    return {"q": row.merged_into, "number": row.merged_number}


def _rule(row: Row[Any], reasons: Sequence[dict[str, Any]], *, refused: bool) -> int | None:
    """The moderator's word before the phases'; a ruling's reason may be the number of a rule."""
    if refused and row.ruling_reason is not None and row.ruling_reason.isdecimal():
        return int(row.ruling_reason)
    return next((reason["rule"] for reason in reasons if reason.get("rule")), None)
