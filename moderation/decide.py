"""One decision for each command of a moderator; the rulings of the review queue are decided here.

A ruling is a compare-and-set on (waiting, version, lease): the version is the fence, so a moderator who slept past the
lease, or who read an older text, can decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from kernel.refusals import Refusal
from moderation.appeal_commands import Appeal, DecideAppeal, Reinstate
from moderation.commands import (
    Command,
    Decide,
    Extend,
    LiftSanction,
    Outcome,
    Pull,
    Pulled,
    Release,
    Reopen,
    Ruling,
    Sanction,
)
from moderation.decide_appeals import appeal, decide_appeal, reinstate
from moderation.decide_leases import before_moderator, extend, held_post, pull, release
from moderation.decide_reports import judge_reports, report
from moderation.decide_sanctions import lift_sanction, sanction
from moderation.report_commands import JudgeReports, Report
from rooms.commands import PostReceipt
from rooms.decide import DECISIONS as ROOM_DECISIONS
from rooms.model import Lane, Post, PostState
from rooms.publishing import publish
from rooms.working_set import AuditEntry, Draft, RulingEntry, Text, WorkingSet, named, signed


def rule(ws: WorkingSet, command: Decide) -> PostReceipt:
    """The one verdict on one version, or the recorded answer to the same moderator's same ruling."""
    moderator = signed(command.by)
    recorded = ws.rulings.get((command.post, command.ver))
    if recorded is not None and (recorded.moderator, recorded.ruling) == (moderator, command.ruling.value):
        return _recorded(ws.post(command.post), recorded)
    post = held_post(ws, command.post, command.ver, command.by)
    ws.set_waiting(post, False, command.at)
    number = _carry_out(ws, post, command)
    ruling = RulingEntry(
        post.id, post.version, command.ruling.value, moderator, command.reason, command.note, number, command.at
    )
    ws.rulings.add((post.id, post.version), ruling)
    _tell_verdict(ws, post, command)
    detail = {"ver": post.version, "reason": command.reason}
    ws.audits.append(AuditEntry(f"moderation:post:{command.ruling.value}", moderator, post.id, detail, command.at))
    return PostReceipt(post.id, post.room, post.state, post.version, number, post.number, post.reasons)


def _carry_out(ws: WorkingSet, post: Post, command: Decide) -> int | None:
    """The number of the event that shows the text; a revision refused leaves the text that stands."""
    if command.ruling is Ruling.PUBLISH:
        return publish(ws, post, command.at)
    if post.shown_version is None:
        post.state = PostState.REJECTED
    return None


def _recorded(post: Post, ruling: RulingEntry) -> PostReceipt:
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
    if post.version != command.ver or recorded is None or recorded.ruling != Ruling.REJECT.value:
        raise Refusal("stale_version")
    if recorded.moderator != moderator or ws.now - recorded.at > command.within_ms:
        raise Refusal("forbidden")
    said = ws.texts[post.id, post.version]
    post.version += 1
    ws.texts.add((post.id, post.version), Text(post.id, post.version, said.body, command.salt, moderator, command.at))
    if post.shown_version is None:
        post.state = PostState.PENDING
    ws.set_waiting(post, True, command.at)
    ws.announce_queue(post.room, command.at)
    post.lease_by, post.lease_until = moderator, ws.now + command.lease_ms
    told = {"ver": post.version, "by": named(command.by), "author": post.author.id, "state": post.state.value}
    ws.record(Draft(post.room, Lane.MOD, "reopened", command.at, ref=post.id, version=post.version, meta=told))
    ws.audits.append(AuditEntry("moderation:post:reopen", moderator, post.id, {"ver": command.ver}, command.at))
    return Pulled((before_moderator(ws, post),))


def _tell_verdict(ws: WorkingSet, post: Post, command: Decide) -> None:
    told = {
        "ver": post.version,
        "verdict": command.ruling.value,
        "reason": command.reason,
        "by": named(command.by),
        "author": post.author.id,
        "state": post.state.value,
    }
    ws.record(Draft(post.room, Lane.MOD, "verdict", command.at, ref=post.id, version=post.version, meta=told))


_DECISIONS: Mapping[type[Any], Callable[[WorkingSet, Any], Outcome]] = MappingProxyType(
    {
        **ROOM_DECISIONS,
        Pull: pull,
        Extend: extend,
        Release: release,
        Decide: rule,
        Reopen: reopen,
        Sanction: sanction,
        LiftSanction: lift_sanction,
        Appeal: appeal,
        DecideAppeal: decide_appeal,
        Reinstate: reinstate,
        Report: report,
        JudgeReports: judge_reports,
    }
)


def decide(ws: WorkingSet, command: Command) -> Outcome:
    """The decision on any command there is."""
    return _DECISIONS[type(command)](ws, command)
