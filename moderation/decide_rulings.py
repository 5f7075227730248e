"""Decisions on what becomes of a version: the one ruling, and the author of a refusal taking it back.

A ruling is a compare-and-set on (waiting, version, lease): the version is the fence, so a moderator who slept past the
lease, or who read an older text, can decide nothing.
"""

from __future__ import annotations

from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import MERGE, Decide, Pulled, Reopen, Ruling
from moderation.decide_leases import before_moderator, held_post
from rooms.appeals import AppealState, refusal_subject
from rooms.commands import PostReceipt
from rooms.merging import part
from rooms.model import Lane, Post, PostState
from rooms.publishing import publish
from rooms.sealing import Sealed
from rooms.working_set import AuditEntry, Draft, RulingEntry, Text, WorkingSet, named, signed


def rule(ws: WorkingSet, command: Decide) -> PostReceipt:
    """The one verdict on one version, or the recorded answer to the same moderator's same ruling."""
    moderator = signed(command.by)
    recorded = ws.rulings.get((command.post, command.ver))
    if recorded is not None and (recorded.moderator, recorded.ruling) == (moderator, command.ruling.value):
        return recorded_receipt(ws.post(command.post), recorded)
    post = held_post(ws, command.post, command.ver, command.by)
    ws.set_waiting(post, False, command.at)
    number = _carry_out(ws, post, command)
    ruling = RulingEntry(
        post.id, post.version, command.ruling.value, moderator, command.reason, command.note, number, command.at
    )
    ws.rulings.add((post.id, post.version), ruling)
    tell_verdict(ws, post, command.ruling.value, command.reason, command.by, command.at)
    detail = {"ver": post.version, "reason": command.reason}
    ws.audits.append(AuditEntry(f"moderation:post:{command.ruling.value}", moderator, post.id, detail, command.at))
    return PostReceipt(post.id, post.room, post.state, post.version, number, post.number, post.reasons)


def _carry_out(ws: WorkingSet, post: Post, command: Decide) -> int | None:
    """The number of the event that shows the text; a revision refused leaves the text that stands."""
    if command.ruling is Ruling.PUBLISH:
        return publish(ws, post, command.at)
    if post.shown_version is None:
        post.state = PostState.REJECTED
    ws.seal(post, post.version, Sealed.REFUSED, command.by.id, command.reason, command.at)
    return None


def recorded_receipt(post: Post, ruling: RulingEntry) -> PostReceipt:
    """What was answered then; what has become of the post since does not matter."""
    refused = ruling.ruling == Ruling.REJECT.value
    standing = post.shown_version is not None and post.shown_version < ruling.version
    state = PostState.REJECTED if refused and not standing else PostState.PUBLISHED
    return PostReceipt(post.id, post.room, state, ruling.version, ruling.seq, post.number, post.reasons, repeated=True)


def reopen(ws: WorkingSet, command: Reopen) -> Pulled:
    """One verdict to a version stays true: what waits again is a new version with the same words."""
    moderator, post = signed(command.by), ws.post(command.post)
    if post.state is PostState.WITHDRAWN or post.hidden is not None:
        raise Refusal("no_post")
    if post.version == command.ver + 1 and post.waiting and ws.texts[post.id, post.version].by == moderator:
        if post.lease_until > ws.now and post.lease_by != moderator:
            raise Refusal("lease_lost")
        post.lease_by, post.lease_until = moderator, ws.now + command.lease_ms
        return Pulled((before_moderator(ws, post),))
    recorded = ws.rulings.get((post.id, command.ver))
    if post.version != command.ver or recorded is None or recorded.ruling not in (Ruling.REJECT.value, MERGE):
        raise Refusal("stale_version")
    if recorded.moderator != moderator or ws.now - recorded.at > command.within_ms:
        raise Refusal("forbidden")
    asked = ws.appeals.get(refusal_subject(post.id, command.ver))
    if asked is not None and asked.state is AppealState.OPEN:
        # Somebody else was asked to look: who refused cannot take that out of their hands.
        raise Refusal("own_ruling")
    said = ws.texts[post.id, post.version]
    post.version += 1
    ws.texts.add((post.id, post.version), Text(post.id, post.version, said.body, command.salt, moderator, command.at))
    if post.shown_version is None:
        post.state = PostState.PENDING
    part(ws, post, command.at)
    ws.set_waiting(post, True, command.at)
    ws.announce_queue(post.room, command.at)
    post.lease_by, post.lease_until = moderator, ws.now + command.lease_ms
    told = {"ver": post.version, "by": named(command.by), "author": post.author.id, "state": post.state.value}
    ws.record(Draft(post.room, Lane.MOD, "reopened", command.at, ref=post.id, version=post.version, meta=told))
    ws.audits.append(AuditEntry("moderation:post:reopen", moderator, post.id, {"ver": command.ver}, command.at))
    return Pulled((before_moderator(ws, post),))


def tell_verdict(ws: WorkingSet, post: Post, verdict: str, reason: str | None, by: Actor, at: int) -> None:
    told = {
        "ver": post.version,
        "verdict": verdict,
        "reason": reason,
        "by": named(by),
        "author": post.author.id,
        "state": post.state.value,
    }
    ws.record(Draft(post.room, Lane.MOD, "verdict", at, ref=post.id, version=post.version, meta=told))
