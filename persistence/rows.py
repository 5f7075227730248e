"""Between the rows of a write and the values a decision works on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from kernel.ids import DepartmentId, PostId, QuestionId, RoomId, UserId
from kernel.permissions import Role
from persistence.queue_reads import reasons_of
from rooms.model import Author, Post, PostKind, PostState
from rooms.working_set import Draft, Question, RoomEntry, Text


def post_of(row: Row[Any], *, number: int | None, askers: int = 1) -> Post:
    """The whole post; `number` and `askers` are those of the question it asks."""
    return Post(
        id=PostId(row.id),
        room=RoomId(row.room_id),
        question=QuestionId(row.question_id) if row.question_id is not None else None,
        kind=PostKind(row.kind),
        author=Author(
            UserId(row.author_id),
            row.author_name,
            Role(row.author_role),
            DepartmentId(row.department_id) if row.department_id is not None else None,
        ),
        cid=row.cid,
        reply_to=PostId(row.reply_to) if row.reply_to is not None else None,
        state=PostState(row.state),
        version=row.version,
        waiting=row.waiting,
        created_at=row.created_at,
        shown_version=row.shown_version,
        seq=row.seq,
        number=number,
        askers=askers,
        hidden=row.hidden,
        hidden_seq=row.hidden_seq,
        pinned=row.pinned,
        pin_seq=row.pin_seq,
        staged=row.staged,
        stage_seq=row.stage_seq,
        lease_by=UserId(row.lease_by) if row.lease_by is not None else None,
        lease_until=row.lease_until,
        reasons=reasons_of(row.reasons),
        up=row.up,
        down=row.down,
        waiting_since=row.waiting_since,
    )


def new_post_row(post: Post) -> dict[str, Any]:
    """A post before the lane has numbered anything of it."""
    return {
        "id": post.id,
        "room_id": post.room,
        "question_id": post.question,
        "kind": post.kind.value,
        "author_id": post.author.id,
        "author_name": post.author.name,
        "author_role": post.author.role.value,
        "department_id": post.author.department,
        "cid": post.cid,
        "reply_to": post.reply_to,
        "created_at": post.created_at,
        **_texts_and_queue(post),
    }


def changed_post_row(post: Post) -> dict[str, Any]:
    """Everything about a post that a decision may change."""
    return {
        "id": post.id,
        **_texts_and_queue(post),
        "seq": post.seq,
        "hidden": post.hidden,
        "hidden_seq": post.hidden_seq,
        "pinned": post.pinned,
        "pin_seq": post.pin_seq,
        "staged": post.staged,
        "stage_seq": post.stage_seq,
        "up": post.up,
        "down": post.down,
    }


def fence_row(before: Post) -> dict[str, Any]:
    """What must still be so in the store for a decision made on `before` to count."""
    return {
        "version": before.version,
        "state": before.state.value,
        "waiting": before.waiting,
        "hidden": before.hidden,
        "lease_by": before.lease_by,
    }


def _texts_and_queue(post: Post) -> dict[str, Any]:
    return {
        "state": post.state.value,
        "version": post.version,
        "shown_version": post.shown_version,
        "waiting": post.waiting,
        "waiting_since": post.waiting_since,
        "lease_by": post.lease_by,
        "lease_until": post.lease_until,
        "reasons": [reason.to_wire() for reason in post.reasons],
    }


def text_row(text: Text) -> dict[str, Any]:
    return {
        "post_id": text.post,
        "version": text.version,
        "body": text.body,
        "salt": text.salt,
        "created_by": text.by,
        "created_at": text.at,
    }


def question_row(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "number": question.number,
        "channel": "room",
        "room_id": question.room,
        "asker_id": question.asker,
        "state": question.state,
        "created_at": question.created_at,
    }


def room_row(entry: RoomEntry) -> dict[str, Any]:
    room = entry.room
    return {
        "id": room.id,
        "code": room.code,
        "title": room.title,
        "summary": room.summary,
        "state": room.state.value,
        "policy": room.policy.to_wire(),
        "frozen": room.frozen,
        "held": room.emergency.hold,
        "verified": room.emergency.verified,
        "emergency_until": room.emergency.until,
        "created_by": room.created_by,
        "created_at": room.created_at,
        "starts_at": room.starts_at,
        "opened_at": room.opened_at,
        "closed_at": room.closed_at,
        "last_number": entry.last_number,
        "waiting": entry.waiting,
    }


def event_row(draft: Draft, seq: int, digest: bytes | None) -> dict[str, Any]:
    return {
        "stream_id": draft.room,
        "lane": draft.lane.value,
        "seq": seq,
        "kind": draft.kind,
        "ref": draft.ref,
        "version": draft.version,
        "meta": draft.meta,
        "digest": digest,
        "at": draft.at,
    }
