"""Decisions on a post by its author: submit, revise, withdraw."""

from __future__ import annotations

from kernel.ids import QuestionId
from kernel.permissions import Role
from kernel.refusals import Refusal
from rooms.admission import (
    parent_of,
    require_open,
    require_open_for_revision,
    require_pace,
    require_shape,
    require_space,
    require_unmuted,
)
from rooms.asking import asked_about, asks, tell_moderators
from rooms.commands import PostReceipt, RevisePost, SubmitPost, WithdrawPost
from rooms.emergency import as_it_stands
from rooms.hiding import WITHDRAWN, hide, keep_hidden
from rooms.merging import part
from rooms.model import Post, PostKind, PostState, Room
from rooms.publishing import effective_verdict, publish, reasons_for, receipt
from rooms.sealing import Sealed
from rooms.working_set import Question, Text, WorkingSet


def submit(ws: WorkingSet, command: SubmitPost) -> PostReceipt:
    """A new post, or the answer to one sent before under the same cid."""
    known = ws.cids.get((command.room, command.author.id, command.cid))
    if known is not None:
        return _same_again(ws, ws.posts[known], command)
    room = as_it_stands(ws.room(command.room).room, ws.now)
    require_shape(command.kind, command.reply_to)
    require_unmuted(ws, room, command.author.id, command.sources)
    if command.guest and not room.policy.guests:
        raise Refusal("forbidden")
    parent = _admit(ws, room, command)
    verdict = effective_verdict(room.policy, command.kind, command.author.role, command.judged, command.trust)
    require_space(ws, room, verdict)
    return _accept(ws, command, parent, verdict)


def _same_again(ws: WorkingSet, post: Post, command: SubmitPost) -> PostReceipt:
    first = ws.texts[post.id, 1]
    if (post.kind, post.reply_to, first.body) != (command.kind, command.reply_to, command.body):
        raise Refusal("conflict")
    return receipt(post, repeated=True)


def _admit(ws: WorkingSet, room: Room, command: SubmitPost) -> Post | None:
    """Whether the room takes such a post from this author now; answers the post it replies to."""
    netizen = command.author.role is Role.NETIZEN
    parent = ws.posts.get(command.reply_to) if command.reply_to is not None else None
    require_open(room, command.author.role, command.kind, own_thread=_own_thread(ws, parent, command))
    if netizen and room.frozen and command.kind is PostKind.QUESTION:
        raise Refusal("room_paused")
    if command.reply_to is not None:
        if asks(command.kind, command.author):
            return asked_about(room, parent)
        parent = parent_of(ws, room, command.kind, parent)
    if netizen:
        require_pace(ws, room, command.author.id, command.at)
    return parent


def _own_thread(ws: WorkingSet, parent: Post | None, command: SubmitPost) -> bool:
    if command.kind is not PostKind.COMMENT or parent is None or parent.room != command.room:
        return False
    thread = ws.questions.get(parent.question) if parent.question is not None else None
    return thread is not None and thread.asker == command.author.id


def _accept(ws: WorkingSet, command: SubmitPost, parent: Post | None, verdict: PostState) -> PostReceipt:
    post = _new_post(ws, command, parent)
    post.reasons = reasons_for(verdict, command.judged, command.reasons)
    ws.posts.add(post.id, post)
    ws.texts.add((post.id, 1), Text(post.id, 1, command.body, command.salt, command.author.id, command.at))
    ws.cids[post.room, post.author.id, post.cid] = post.id
    ws.last_posts[post.room, post.author.id] = command.at
    _carry_out(ws, post, verdict, command.at)
    if post.kind is PostKind.NOTE:
        tell_moderators(ws, post, parent, command.at)
    return receipt(post)


def _new_post(ws: WorkingSet, command: SubmitPost, parent: Post | None) -> Post:
    thread = parent.question if parent is not None else None
    if command.kind is PostKind.QUESTION:
        # The question lives on after the room; it begins with this post and takes its id.
        thread = QuestionId(command.id)
        asked = Question(thread, command.room, command.author.id, "received", command.at)
        ws.questions.add(thread, asked)
    return Post(
        id=command.id,
        room=command.room,
        question=thread,
        kind=command.kind,
        author=command.author,
        cid=command.cid,
        reply_to=command.reply_to,
        state=PostState.PENDING,
        version=1,
        waiting=False,
        created_at=command.at,
        waiting_since=command.at,
    )


def _carry_out(ws: WorkingSet, post: Post, verdict: PostState, at: int) -> int | None:
    """Publishes, holds or refuses the newest text; answers the number of the event, where there is one."""
    waited = post.waiting
    ws.set_waiting(post, verdict is PostState.PENDING, at)
    if waited or post.waiting:
        # Also when an older text waited and this one need not: there is one fewer then, and no verdict says so.
        ws.announce_queue(post.room, at)
    if verdict is PostState.PUBLISHED:
        return publish(ws, post, at)
    if post.shown_version is None:
        post.state = verdict
    if verdict is PostState.REJECTED:
        found = post.reasons[0].phase if post.reasons else None
        ws.seal(post, post.version, Sealed.REFUSED, None, found, at)
    return None


def revise(ws: WorkingSet, command: RevisePost) -> PostReceipt:
    """A new version: of a pending post in its place in the queue, of a published one beside the text that stands."""
    post = ws.post(command.post)
    room = as_it_stands(ws.room(post.room).room, ws.now)
    if post.author.id != command.author.id:
        raise Refusal("forbidden")
    if post.state is PostState.WITHDRAWN or post.hidden is not None:
        raise Refusal("no_post")
    if post.version == command.ver + 1 and ws.texts[post.id, post.version].body == command.body:
        return receipt(post, repeated=True)
    require_unmuted(ws, room, post.author.id, command.author.sources)
    if command.author.is_guest_in(post.room) and not room.policy.guests:
        raise Refusal("forbidden")
    require_open_for_revision(room, post.author.role)
    if post.version != command.ver:
        raise Refusal("stale_version")
    verdict = effective_verdict(room.policy, post.kind, post.author.role, command.judged, command.trust)
    if not post.waiting:
        require_space(ws, room, verdict)
    part(ws, post, command.at)
    post.version += 1
    post.reasons = reasons_for(verdict, command.judged, command.reasons)
    text = Text(post.id, post.version, command.body, command.salt, post.author.id, command.at)
    ws.texts.add((post.id, post.version), text)
    _carry_out(ws, post, verdict, command.at)
    return receipt(post)


def withdraw(ws: WorkingSet, command: WithdrawPost) -> PostReceipt:
    """A pending post is gone; a published one stays in the record as a redaction. Once is enough.

    What a moderator hid before can be taken back too: then no moderator shows it again.
    """
    post = ws.post(command.post)
    if post.author.id != command.author.id:
        raise Refusal("forbidden")
    if post.state is PostState.PENDING:
        post.state = PostState.WITHDRAWN
    elif post.state is PostState.PUBLISHED and post.hidden is None:
        hide(ws, post, WITHDRAWN, command.author, command.at)
    elif post.state is PostState.PUBLISHED and post.hidden != WITHDRAWN:
        keep_hidden(ws, post, WITHDRAWN, command.author, command.at)
    else:
        return receipt(post, repeated=True)
    if post.waiting:
        ws.set_waiting(post, False, command.at)
        ws.announce_queue(post.room, command.at)
    return receipt(post)
