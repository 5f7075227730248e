"""Writes what a batch has become: state first, lanes last, then what carries the lanes' numbers.

The row lock on a lane is what puts events in order, so it is taken as late as possible and held until the commit: the
order of the numbers is the order of the commits, and a batch that fails leaves no hole.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, update

from kernel.ids import IdSource, RoomId
from persistence.bulk import Rows, insert_rows, update_rows, upsert_rows
from persistence.flush_appeals import write_appeals
from persistence.flush_proposals import write_proposals
from persistence.flush_reports import write_reports
from persistence.known_heads import KnownHeads
from persistence.rows import (
    changed_post_row,
    event_row,
    fence_row,
    new_post_row,
    question_row,
    room_row,
    text_row,
)
from persistence.schema import (
    audit,
    event,
    invitation,
    lane,
    post,
    post_version,
    question,
    room,
    room_department,
    ruling,
    sanction,
    seat,
    vote,
)
from persistence.seals import write_erased, write_seals
from rooms.model import Lane, Post, Room
from rooms.ports import Head
from rooms.working_set import Draft, WorkingSet


class LostRace(Exception):
    """Another node changed under the batch what it was decided on; decided afresh, it may end differently."""


@dataclass(slots=True)
class Numbered:
    """What one lane was given: events `a..b` of `epoch`, in the order of `drafts`."""

    room: RoomId
    lane: Lane
    epoch: str
    a: int
    b: int
    drafts: list[Draft]


@dataclass(slots=True)
class Numbers:
    """The real number behind each draft's number below zero."""

    lanes: list[Numbered] = field(default_factory=list)
    by_draft: dict[int, int] = field(default_factory=dict)

    def real(self, number: int | None) -> int | None:
        return number if number is None or number >= 0 else self.by_draft[number]


def flush(connection: Connection, ws: WorkingSet, ids: IdSource, known: KnownHeads) -> Numbers:
    _write_rooms(connection, ws)
    _write_posts(connection, ws)
    _write_people(connection, ws)
    _require_all(*write_appeals(connection, ws))
    _require_all(*write_reports(connection, ws))
    write_proposals(connection, ws)
    _require_all(*write_seals(connection, ws))
    write_erased(connection, ws)
    _write_audit(connection, ws, ids)
    numbers = _number_drafts(connection, ws, known)
    _write_events(connection, ws, numbers)
    _write_numbered_posts(connection, ws, numbers)
    _write_rulings(connection, ws, numbers)
    return numbers


def _write_rooms(connection: Connection, ws: WorkingSet) -> None:
    added = ws.rooms.added()
    insert_rows(connection, room, [room_row(entry) for entry in added])
    insert_rows(connection, room_department, [row for entry in added for row in _places(entry.room)])
    lanes = [
        {"stream_id": entry.room.id, "lane": one.value, "epoch": secrets.token_hex(8), "head_seq": 0}
        for entry in added
        for one in Lane
    ]
    insert_rows(connection, lane, lanes)
    changed = ws.rooms.changed()
    rows = [room_row(after) for before, after in changed if room_row(before) != room_row(after)]
    _require_all(update_rows(connection, room, rows), len(rows))
    invited = [row for before, after in changed for row in _places(after.room)[len(before.room.departments) :]]
    insert_rows(connection, room_department, invited)


def _places(value: Room) -> list[dict[str, Any]]:
    return [
        {"room_id": value.id, "department_id": one.id, "position": position, "lead": one.lead}
        for position, one in enumerate(value.departments)
    ]


def _write_posts(connection: Connection, ws: WorkingSet) -> None:
    insert_rows(connection, question, [question_row(one) for one in ws.questions.added()])
    added = ws.posts.added()
    # Another node may be storing the same cid just now: then this batch is decided again and finds it.
    written = insert_rows(
        connection, post, [new_post_row(one) for one in added], unless=("room_id", "author_id", "cid")
    )
    _require_all(written, len(added))
    insert_rows(connection, post_version, [text_row(one) for one in ws.texts.added()])
    changed = sorted((after for _, after in ws.questions.changed()), key=lambda one: one.id)
    advanced = [
        {
            "id": one.id,
            "number": one.number,
            "state": one.state,
            "merged_into": one.merged_into,
            "askers": one.askers,
        }
        for one in changed
    ]
    _require_all(update_rows(connection, question, advanced), len(advanced))


def _write_people(connection: Connection, ws: WorkingSet) -> None:
    cast = [*ws.votes.added(), *(after for _, after in ws.votes.changed())]
    votes = [{"post_id": one.post, "voter_id": one.voter, "value": one.value, "at": one.at} for one in cast]
    upsert_rows(connection, vote, votes)
    muted = [
        {
            "id": one.id,
            "user_id": one.user,
            "room_id": one.room,
            "until": one.until,
            "reason": one.reason,
            "rule": one.rule,
            "created_by": one.by,
            "created_at": one.at,
            "lifted_at": one.lifted_at,
            "kind": one.kind.value,
            "acknowledged_at": one.acknowledged_at,
            "via": one.via.value,
            "subject": one.subject,
        }
        for one in ws.sanctions.added()
    ]
    insert_rows(connection, sanction, muted)
    _write_changed_sanctions(connection, ws)
    invited = [
        {
            "code": one.code,
            "secret_hash": one.secret_hash,
            "room_id": one.room,
            "department_id": one.department,
            "created_by": one.by,
            "created_at": one.at,
            "expires_at": one.expires_at,
        }
        for one in ws.invitations.added()
    ]
    insert_rows(connection, invitation, invited)
    seats = [
        {"room_id": one.room, "account_id": one.account, "department_id": one.department, "taken_at": one.at}
        for one in ws.seats.added()
    ]
    # Sitting down twice at once, at two nodes, is sitting down: but only one of them may say so on the lane.
    _require_all(insert_rows(connection, seat, seats, unless=("room_id", "account_id")), len(seats))


def _write_changed_sanctions(connection: Connection, ws: WorkingSet) -> None:
    """Only the time that came to be, where there is none yet: what another node lifted meanwhile stays lifted."""
    changed = sorted(ws.sanctions.changed(), key=lambda pair: pair[1].id)
    for name in ("lifted_at", "acknowledged_at"):
        come = [(before, after) for before, after in changed if getattr(before, name) != getattr(after, name)]
        rows = [{"id": after.id, name: getattr(after, name)} for _, after in come]
        was = [{name: getattr(before, name)} for before, _ in come]
        _require_all(update_rows(connection, sanction, rows, was), len(rows))


def _write_audit(connection: Connection, ws: WorkingSet, ids: IdSource) -> None:
    rows = [
        {
            "id": ids(),
            "action": one.action,
            "actor_id": one.actor,
            "subject": one.subject,
            "detail": one.detail,
            "at": one.at,
        }
        for one in ws.audits
    ]
    insert_rows(connection, audit, rows)


_ADVANCE = (
    update(lane)
    .where(lane.c.stream_id == bindparam("stream"), lane.c.lane == bindparam("which"))
    .values(head_seq=lane.c.head_seq + bindparam("count"))
    .returning(lane.c.head_seq, lane.c.epoch)
)


_RENEW = (
    update(lane)
    .where(lane.c.stream_id == bindparam("stream"), lane.c.lane == bindparam("which"))
    .values(epoch=bindparam("fresh"))
)


def _number_drafts(connection: Connection, ws: WorkingSet, known: KnownHeads) -> Numbers:
    """Takes the lanes' locks, in order, and gives each draft its number.

    A lane that stands before where this process has seen it comes from a backup or a replica that lagged: its numbers
    repeat, and so they begin a new epoch before one of them is given.
    """
    numbers = Numbers()
    grouped: dict[tuple[RoomId, Lane], list[int]] = {}
    for n, draft in enumerate(ws.drafts):
        grouped.setdefault((draft.room, draft.lane), []).append(n)
    for (where, which), members in sorted(grouped.items()):
        parameters = {"stream": where, "which": which.value, "count": len(members)}
        head = connection.execute(_ADVANCE, parameters).one()
        first = head.head_seq - len(members) + 1
        numbers.by_draft.update({-(n + 1): first + place for place, n in enumerate(members)})
        drafts, epoch = [ws.drafts[n] for n in members], head.epoch
        if known.went_back(where, which, Head(epoch, first - 1)):
            epoch = secrets.token_hex(8)
            connection.execute(_RENEW, {"stream": where, "which": which.value, "fresh": epoch})
        numbers.lanes.append(Numbered(where, which, epoch, first, head.head_seq, drafts))
    return numbers


def _write_events(connection: Connection, ws: WorkingSet, numbers: Numbers) -> None:
    rows = [
        event_row(draft, one.a + place, _digest(ws, draft))
        for one in numbers.lanes
        for place, draft in enumerate(one.drafts)
    ]
    insert_rows(connection, event, rows)


def _digest(ws: WorkingSet, draft: Draft) -> bytes | None:
    """Of what the event publishes; a verdict only judges."""
    if draft.ref is None or draft.version is None or draft.lane is Lane.MOD:
        return None
    text = ws.texts[draft.ref, draft.version]
    return sha256(text.salt + text.body.encode()).digest()


def _write_numbered_posts(connection: Connection, ws: WorkingSet, numbers: Numbers) -> None:
    """Every changed post, and every new one that was numbered: written only if it still is what was decided on."""
    for one in ws.posts:
        one.seq, one.hidden_seq = numbers.real(one.seq), numbers.real(one.hidden_seq)
        one.pin_seq, one.stage_seq = numbers.real(one.pin_seq), numbers.real(one.stage_seq)
    changed = [(fence_row(before), after) for before, after in ws.posts.changed()]
    changed += [({**fence_row(one), "hidden": None}, one) for one in ws.posts.added() if one.seq is not None]
    changed.sort(key=lambda pair: pair[1].id)
    rows: Rows = [changed_post_row(after) for _, after in changed]
    _require_all(update_rows(connection, post, rows, compare_and_set(changed)), len(rows))


def compare_and_set(changed: list[tuple[dict[str, Any], Post]]) -> Rows | None:
    """What the store must still hold for each changed post, in the WHERE of its UPDATE."""
    return [fence for fence, _ in changed] or None


def _write_rulings(connection: Connection, ws: WorkingSet, numbers: Numbers) -> None:
    rows = [
        {
            "post_id": one.post,
            "version": one.version,
            "ruling": one.ruling,
            "moderator_id": one.moderator,
            "reason": one.reason,
            "note": one.note,
            "seq": numbers.real(one.seq),
            "at": one.at,
        }
        for one in ws.rulings.added()
    ]
    insert_rows(connection, ruling, rows)


def _require_all(written: int, wanted: int) -> None:
    if written != wanted:
        raise LostRace
