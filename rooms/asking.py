"""A moderator asks backstage about a post: a note on the desk lane that points to it, and never holds its text."""

from __future__ import annotations

from kernel.permissions import Role
from kernel.refusals import Refusal
from rooms.hiding import WITHDRAWN
from rooms.model import Author, Lane, Post, PostKind, PostState, Room
from rooms.working_set import AuditEntry, Draft, WorkingSet


def asks(kind: PostKind, author: Author) -> bool:
    """Moderators have no other word backstage."""
    return kind is PostKind.NOTE and author.role is Role.MODERATOR


def asked_about(room: Room, post: Post | None) -> Post:
    """Whatever a moderator may have before them, refused and hidden too; what is taken back is nobody's any more."""
    if post is None or post.room != room.id or post.kind is PostKind.NOTE:
        raise Refusal("no_post")
    if post.state is PostState.WITHDRAWN or post.hidden == WITHDRAWN:
        raise Refusal("no_post")
    return post


def tell_moderators(ws: WorkingSet, note: Post, parent: Post | None, at: int) -> None:
    """That something was asked about a post, or answered: who, never what. Whoever judges the post reads it there."""
    if parent is None:
        return
    by = {"id": note.author.id, "name": note.author.name}
    if asks(note.kind, note.author):
        ws.record(Draft(note.room, Lane.MOD, "asked", at, ref=parent.id, meta={"by": by}))
        ws.audits.append(AuditEntry("moderation:post:ask", note.author.id, parent.id, {"note": note.id}, at))
    elif asks(parent.kind, parent.author) and parent.reply_to is not None:
        ws.record(Draft(note.room, Lane.MOD, "answered", at, ref=parent.reply_to, meta={"by": by}))
