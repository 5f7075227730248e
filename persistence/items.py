"""The redaction join: the only place where an event, its post and the text become an item (contract §4).

Two locks on one door. The SQL selects no body that may not be shown, and the builder refuses one that reaches it all
the same. Whoever reads or announces events comes through here, so what is hidden now is never sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, case, func, or_, select

from kernel.ids import DepartmentId, PostId, QuestionId, RoomId, UserId
from kernel.permissions import Role
from persistence.schema import event, post_version, question
from persistence.schema import post as posts
from rooms.model import Author, Lane, Post, PostKind, PostState
from rooms.ports import Item

# What of an event's `meta` each kind shows. A kind or a field that is not named here stays in the store.
_SHOWN_META: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "msg": (),
        "edit": (),
        "restore": (),
        "redact": ("reason",),
        "state": ("state",),
        "askers": ("askers",),
        "pin": ("on",),
        "stage": ("on",),
        "set": ("policy", "freeze", "hold", "verified", "until", "departments"),
        "seat": ("dept", "name"),
        "queue": ("waiting",),
        "verdict": ("ver", "verdict", "reason", "by", "author", "state"),
        "reopened": ("ver", "by", "author", "state"),
        "hidden": ("reason", "by", "author", "first"),
        # On `desk` without `by`: it is not said there.
        "proposal": ("proposal", "state", "reason", "until", "by"),
        "shown": ("reason", "by", "author"),
        "sanction": ("author", "kind", "until", "reason", "rule", "by", "via"),
        "reported": ("reports", "state", "by"),
        "appeal": ("appeal", "of", "state", "by", "author"),
        "reinstated": ("ver", "by", "author", "state"),
        "asked": ("by",),
        "answered": ("by",),
    }
)
# These name authors by their ids: for moderators only, whatever lane an event claims to be on.
_MOD_KINDS = frozenset(
    {
        "queue",
        "verdict",
        "reopened",
        "hidden",
        "shown",
        "sanction",
        "appeal",
        "reported",
        "reinstated",
        "asked",
        "answered",
    }
)
_TEXT_KINDS = ("msg", "edit", "restore")


def build_item(
    *,
    seq: int,
    kind: str,
    ref: str | None,
    at: int,
    meta: Mapping[str, Any],
    version: int | None,
    post: Post | None,
    body: str | None,
    lane: Lane | None = None,
) -> Item:
    """The item for one event, as the post stands now.

    `ref` is the post's id, or the room's where there is no post. `version` and `body` are the text to show; `lane`,
    where the caller knows it, is checked against the post's own.
    """
    item: Item = {"s": seq, "k": kind, "id": ref, "at": at}
    if kind in _TEXT_KINDS:
        return item | _text(kind, version, post, body, lane)
    if kind in _MOD_KINDS and lane not in (None, Lane.MOD):
        return item
    shown = _SHOWN_META.get(kind, ())
    if "ver" in shown and version is not None:
        item["ver"] = version
    item.update((name, meta[name]) for name in shown if meta.get(name) is not None)
    return item


def may_show(post: Post, version: int | None, lane: Lane | None) -> bool:
    """Whether this text of the post may leave the store on this lane, now."""
    return (
        post.hidden is None
        and post.state is PostState.PUBLISHED
        and version is not None
        and post.shown_version is not None
        and version <= post.shown_version
        and lane in (None, post.kind.lane)
    )


def _text(kind: str, version: int | None, post: Post | None, body: str | None, lane: Lane | None) -> Item:
    if post is None or body is None or not may_show(post, version, lane):
        return {"redacted": True}
    if kind == "edit":
        return {"ver": version, "body": body}
    # A `restore` is as full as a `msg`: who came while the post was hidden has nothing but a gap to fill.
    shown: Item = {
        "q": post.question,
        "kind": post.kind.value,
        "by": post.author.to_wire(),
        "body": body,
        "ver": version,
    }
    if post.kind is PostKind.QUESTION and post.number is not None:
        shown["number"] = post.number
    if post.kind is PostKind.QUESTION and post.askers > 1:
        shown["askers"] = post.askers
    if post.reply_to is not None:
        shown["reply_to"] = post.reply_to
    return shown


def may_select(version: ColumnElement[int | None]) -> ColumnElement[bool]:
    """`may_show` in SQL, for the event and post of the same row."""
    own_lane = or_(
        and_(posts.c.kind == PostKind.NOTE.value, event.c.lane == Lane.DESK.value),
        and_(posts.c.kind != PostKind.NOTE.value, event.c.lane == Lane.PUB.value),
    )
    return and_(
        posts.c.hidden.is_(None),
        posts.c.state == PostState.PUBLISHED.value,
        version <= posts.c.shown_version,
        event.c.kind.in_(_TEXT_KINDS),
        own_lane,
    )


def replayed_items() -> Select[Any]:
    """Events as they are replayed: each with the text it published. The caller adds which, and in what order."""
    source = event.outerjoin(posts, posts.c.id == event.c.ref)
    return _with_text(source, event.c.version)


def present_items(lane: Lane) -> Select[Any]:
    """Publications as they stand: each with the post's newest published text. The caller adds which.

    The lane is the one of the event that published the post; what a row claims about itself does not matter.
    """
    published = and_(
        event.c.stream_id == posts.c.room_id,
        event.c.lane == lane.value,
        event.c.seq == posts.c.seq,
        event.c.ref == posts.c.id,
        event.c.kind == "msg",
    )
    return _with_text(posts.join(event, published), posts.c.shown_version)


def _with_text(source: FromClause, version: ColumnElement[int | None]) -> Select[Any]:
    text = and_(post_version.c.post_id == posts.c.id, post_version.c.version == version)
    joined = source.outerjoin(post_version, text).outerjoin(question, question.c.id == posts.c.question_id)
    return select(
        event.c.seq,
        event.c.lane,
        event.c.kind,
        func.coalesce(event.c.ref, event.c.stream_id).label("ref"),
        event.c.at,
        event.c.meta,
        version.label("version"),
        case((may_select(version), post_version.c.body)).label("body"),
        posts.c.id.label("post_id"),
        posts.c.room_id,
        posts.c.question_id,
        posts.c.kind.label("post_kind"),
        posts.c.author_id,
        posts.c.author_name,
        posts.c.author_role,
        posts.c.department_id,
        posts.c.reply_to,
        posts.c.state,
        posts.c.shown_version,
        posts.c.hidden,
        posts.c.up,
        posts.c.down,
        question.c.number,
        question.c.askers,
    ).select_from(joined)


def item_of(row: Row[Any]) -> Item:
    """The item of one row of `replayed_items` or `present_items`."""
    return build_item(
        seq=row.seq,
        kind=row.kind,
        ref=row.ref,
        at=row.at,
        meta=row.meta,
        version=row.version,
        post=_post_of(row) if row.post_id is not None else None,
        body=row.body,
        lane=Lane(row.lane),
    )


def _post_of(row: Row[Any]) -> Post:
    """Only what an item shows, and what decides whether it may be shown."""
    return Post(
        id=PostId(row.post_id),
        room=RoomId(row.room_id),
        question=None if row.question_id is None else QuestionId(row.question_id),
        kind=PostKind(row.post_kind),
        author=Author(
            UserId(row.author_id),
            row.author_name,
            Role(row.author_role),
            None if row.department_id is None else DepartmentId(row.department_id),
        ),
        cid="",
        reply_to=None if row.reply_to is None else PostId(row.reply_to),
        state=PostState(row.state),
        version=row.shown_version or 0,
        waiting=False,
        created_at=row.at,
        shown_version=row.shown_version,
        number=row.number,
        askers=row.askers or 1,
        hidden=row.hidden,
    )
