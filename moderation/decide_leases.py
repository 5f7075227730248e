"""Decisions on who holds a waiting post: most urgent first, one holder at a time; extended, given back, taken over."""

from __future__ import annotations

from collections import deque
from typing import Any

from kernel.ids import PostId, RoomId, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import Extend, Held, Pull, Pulled, Release, WaitingPost
from moderation.urgency import pressure
from rooms.model import Post
from rooms.working_set import AuditEntry, WorkingSet, signed


def holds(post: Post, moderator: UserId | None, now: int) -> bool:
    """Whether this moderator's lease on the post is in force: the one predicate every ruling depends on."""
    return post.waiting and post.lease_by is not None and post.lease_by == moderator and post.lease_until > now


def free(post: Post, now: int) -> bool:
    """Whether nobody holds a waiting post: the one predicate every lease depends on."""
    return post.waiting and (post.lease_by is None or post.lease_until <= now)


def pull(ws: WorkingSet, command: Pull) -> Pulled:
    """Leases the most urgent free posts to the caller; two who pull never get the same one."""
    moderator = signed(command.by)
    if command.post is not None and command.take_over:
        return _take_over(ws, command, moderator)
    found = [
        post
        for post in ws.posts
        # Who asks for one post may have it already: then it is theirs for longer.
        if (free(post, ws.now) or (command.post is not None and holds(post, moderator, ws.now)))
        and (command.room is None or post.room == command.room)
        and (command.post is None or post.id == command.post)
    ]
    taken = _shared_out(ws, found, max(command.n, 0))
    for post in taken:
        post.lease_by, post.lease_until = moderator, ws.now + command.lease_ms
    return Pulled(tuple(before_moderator(ws, post) for post in taken))


def _shared_out(ws: WorkingSet, found: list[Post], n: int) -> list[Post]:
    """The first `n`: each from the room that needs it most by then, there the one that has waited longest."""
    waiting: dict[RoomId, deque[Post]] = {}
    for post in sorted(found, key=_since):
        waiting.setdefault(post.room, deque()).append(post)

    def need(room: RoomId) -> tuple[int, tuple[int, PostId]]:
        oldest = waiting[room][0]
        waited = ws.now - oldest.waiting_since
        return pressure(ws.room(room).room.state, ws.held.get(room, 0), waited), _since(oldest)

    taken: list[Post] = []
    while waiting and len(taken) < n:
        room = min(waiting, key=need)
        taken.append(waiting[room].popleft())
        ws.held[room] = ws.held.get(room, 0) + 1
        if not waiting[room]:
            del waiting[room]
    return taken


def _since(post: Post) -> tuple[int, PostId]:
    return post.waiting_since, post.id


def _take_over(ws: WorkingSet, command: Pull, moderator: UserId) -> Pulled:
    """A colleague's post, on purpose: whoever held it can decide nothing from now on. Kept on record."""
    post = ws.posts.get(command.post) if command.post is not None else None
    if post is None or not post.waiting:
        return Pulled(())
    held_by = post.lease_by if post.lease_until > ws.now else None
    post.lease_by, post.lease_until = moderator, ws.now + command.lease_ms
    if held_by not in (None, moderator):
        detail = {"ver": post.version, "from": held_by}
        ws.audits.append(AuditEntry("moderation:post:take", moderator, post.id, detail, command.at))
    return Pulled((before_moderator(ws, post),))


def before_moderator(ws: WorkingSet, post: Post) -> WaitingPost:
    return WaitingPost(
        post=post.id,
        ver=post.version,
        room=post.room,
        kind=post.kind,
        body=ws.texts[post.id, post.version].body,
        author=post.author,
        at=post.created_at,
        reasons=post.reasons,
        state="leased",
        lease_by=post.lease_by,
        lease_until=post.lease_until,
        post_state=post.state,
        reply_to=post.reply_to,
    )


def extend(ws: WorkingSet, command: Extend) -> Held:
    post = held_post(ws, command.post, command.ver, command.by)
    post.lease_until = ws.now + command.lease_ms
    return Held(post.lease_until)


def release(ws: WorkingSet, command: Release) -> Held:
    post = held_post(ws, command.post, command.ver, command.by)
    post.lease_by, post.lease_until = None, 0
    return Held(0)


def held_post(ws: WorkingSet, wanted: Any, ver: int, by: Actor) -> Post:
    post = ws.post(wanted)
    if post.version != ver:
        raise Refusal("stale_version")
    if not holds(post, by.id, ws.now):
        raise Refusal("lease_lost")
    return post
