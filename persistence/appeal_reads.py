"""Appeals as those see them who decide, with what is appealed against; and what a command on one must know."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, and_, select

from kernel.ids import PostId, RoomId
from kernel.refusals import Refusal
from moderation.appeals import AppealPlace
from persistence.reader import page, storable
from persistence.schema import account, post, post_version, question, ruling, sanction
from persistence.schema_redress import appeal
from rooms.appeals import Appealed, AppealState
from rooms.model import PostKind, PostState
from rooms.sanctions import Via

_STATES: Final = frozenset(state.value for state in AppealState)


def read_appeal_place(connection: Connection, appeal_id: str) -> AppealPlace | None:
    row = connection.execute(select(appeal).where(appeal.c.id == appeal_id)).one_or_none()
    return None if row is None else _place(row.post_id, row.sanction_id, row.room_id)


def read_sanction_place(connection: Connection, sanction_id: str) -> AppealPlace | None:
    row = connection.execute(select(sanction).where(sanction.c.id == sanction_id)).one_or_none()
    return None if row is None else _place(None, row.id, row.room_id)


def _place(on: str | None, of: str | None, where: str | None) -> AppealPlace:
    return AppealPlace(None if on is None else PostId(on), of, None if where is None else RoomId(where))


def read_appeals(
    connection: Connection, room: RoomId | None, state: str | None, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page: the open ones oldest first, decided ones newest first; the cursor is the id of the last."""
    if state not in {None, *_STATES}:
        raise Refusal("bad_request", field="state")
    if cursor is not None and not storable(cursor):
        raise Refusal("bad_request", field="cursor")
    size, newest_first = page(limit), state not in (None, AppealState.OPEN.value)
    said = and_(post_version.c.post_id == appeal.c.post_id, post_version.c.version == appeal.c.version)
    ruled = and_(ruling.c.post_id == appeal.c.post_id, ruling.c.version == appeal.c.version)
    judge = account.alias("judge")
    decider = account.alias("decider")
    query = (
        select(
            appeal,
            post.c.kind,
            post.c.author_name,
            post.c.author_role,
            post.c.hidden,
            post.c.state.label("post_state"),
            post.c.version.label("newest"),
            post.c.reasons,
            post_version.c.body.label("said"),
            question.c.number,
            ruling.c.at.label("ruled_at"),
            ruling.c.note.label("ruled_note"),
            sanction.c.until,
            sanction.c.kind.label("sanction_kind"),
            sanction.c.via,
            sanction.c.reason.label("sanction_reason"),
            sanction.c.created_at.label("sanctioned_at"),
            judge.c.name.label("against_name"),
            decider.c.name.label("decider_name"),
        )
        .select_from(appeal)
        .outerjoin(post, post.c.id == appeal.c.post_id)
        .outerjoin(post_version, said)
        .outerjoin(question, and_(question.c.id == post.c.question_id, post.c.kind == PostKind.QUESTION.value))
        .outerjoin(ruling, ruled)
        .outerjoin(sanction, sanction.c.id == appeal.c.sanction_id)
        .outerjoin(judge, judge.c.id == appeal.c.against)
        .outerjoin(decider, decider.c.id == appeal.c.decided_by)
        .where(appeal.c.state == (state or AppealState.OPEN.value))
        .order_by(appeal.c.id.desc() if newest_first else appeal.c.id)
        .limit(size + 1)
    )
    if room is not None:
        query = query.where(appeal.c.room_id == room)
    if cursor is not None:
        query = query.where(appeal.c.id < cursor if newest_first else appeal.c.id > cursor)
    rows = connection.execute(query).all()
    return [_shown(row) for row in rows[:size]], rows[size - 1].id if len(rows) > size else None


def _shown(row: Row[Any]) -> dict[str, Any]:
    """The refused text is there to be judged again; one hidden or taken back is served nowhere (C7), here neither."""
    refusal = row.what == Appealed.REFUSAL.value
    readable = refusal and row.hidden is None and row.post_state != PostState.WITHDRAWN.value
    at = row.ruled_at if refusal else row.sanctioned_at
    optional = {
        "post": row.post_id,
        "ver": row.version,
        "kind": row.kind,
        "number": row.number,
        "sanction": row.sanction_id,
        "sanction_kind": row.sanction_kind,
        "sanction_by": row.via if row.via not in (None, Via.ACCOUNT.value) else None,
        "until": row.until,
        "reasons": row.reasons or None if readable else None,
    }
    shown = {
        "appeal": row.id,
        "of": row.what,
        "state": row.state,
        "room": row.room_id,
        "body": row.said if readable and row.said is not None else "",
        "text": row.body,
        "by": {"id": row.author_id, "name": row.author_name or "", "role": row.author_role or "netizen"},
        "at": row.at,
        "newer": refusal and row.newest != row.version,
        "against": {
            "id": row.against,
            "name": row.against_name,
            "reason": row.reason,
            "note": row.ruled_note if refusal else row.sanction_reason,
            "at": at,
        },
        "decided": None
        if row.decided_by is None
        else {"by": {"id": row.decided_by, "name": row.decider_name}, "at": row.decided_at, "note": row.note},
    }
    return shown | {name: value for name, value in optional.items() if value is not None}
