"""Decisions on hiding where a room asks for two persons: the first proposes, a second one confirms or declines.

One person is enough to cover danger and to take back what is one's own: see `_alone`.
"""

from __future__ import annotations

from typing import Any, Final

from kernel.ids import UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.personal import names_private_person
from moderation.proposal_commands import DeclineHiding, EndHiding, ProposalEnded
from rooms.commands import Done, Proposed, Redact
from rooms.decide_rooms import NOBODY
from rooms.decide_steering import redact as redact_at_once
from rooms.hiding import WITHDRAWN, hide
from rooms.model import Lane, Post, PostKind, PostState
from rooms.proposals import ProposalEntry, ProposalState
from rooms.working_set import AuditEntry, Draft, WorkingSet, named, signed

# The ten seconds of the screen, and the way there.
UNDO_MS: Final = 15_000
# The rule on somebody's personal details.
PERSONAL: Final = "3"


def redact(ws: WorkingSet, command: Redact) -> Done | Proposed:
    """Hides; an answer under the rule of two is hidden by the second person who asks for it, for the first's reason."""
    by, post = signed(command.by), ws.post(command.post)
    latest = ws.proposals.get(post.id)
    found = latest if latest is not None and ended(latest, post, ws.now) is None else None
    shown = post.state is PostState.PUBLISHED and post.hidden is None
    if command.proposal is not None and shown and (found is None or found.n != command.proposal):
        # What was to be confirmed is over: that is no wish to propose it anew.
        raise _over(latest, post, ws.now)
    why = _alone(ws, post, command) if shown and command.reason != WITHDRAWN else ""
    if why is None and found is None:
        return _propose(ws, post, latest, command)
    if why is None and found is not None:
        if found.by == by:
            raise Refusal("own_ruling")
        return _confirm(ws, post, found, command)
    agreed = found if found is not None and found.by != by else None
    first = None if agreed is None else agreed.proposer()
    done = redact_at_once(ws, command, {"alone": why} if why else {}, first=first)
    if shown and found is not None:
        _close(ws, found, ProposalState.STALE if agreed is None else ProposalState.CONFIRMED, command.by, command.at)
    return done


def _alone(ws: WorkingSet, post: Post, command: Redact) -> str | None:
    """Why one person is enough, "" where the rule is not on; None: it takes two.

    Only answers of departments are under the rule. Who has just let one through takes that back alone. Numbers of a
    private person that are there for everybody to see are covered at once, if they are found in the text and not just
    said to be. Many an answer carries an office's line, mailbox or door: those are no such thing.
    """
    answer = post.kind is PostKind.REPLY and post.author.department is not None
    if not (ws.room(post.room).room.policy.two_person and answer) or post.shown_version is None:
        return ""
    ruled = ws.rulings.get((post.id, post.shown_version))
    if ruled is not None and ruled.moderator == command.by.id and command.at - ruled.at <= UNDO_MS:
        return "undo"
    if command.reason == PERSONAL and names_private_person(ws.texts[post.id, post.shown_version].body):
        return "personal"
    return None


def _propose(ws: WorkingSet, post: Post, latest: ProposalEntry | None, command: Redact) -> Proposed:
    if latest is not None:
        _end(ws, latest, post, command.at)
    found = ProposalEntry(
        post=post.id,
        room=post.room,
        n=1 if latest is None else latest.n + 1,
        version=post.shown_version or post.version,
        reason=command.reason,
        by=signed(command.by),
        by_name=command.by.name,
        by_role=command.by.role.value,
        at=command.at,
        until=command.at + command.lasts_ms,
    )
    # A post has one row; what its proposals before came to stands in the lanes and in the audit.
    ws.proposals.add(found.post, found)
    _tell(ws, found, command.by, command.at)
    _audit(ws, "propose", found, found.by, command.at)
    return Proposed(post.id, found.n, found.until)


def _confirm(ws: WorkingSet, post: Post, found: ProposalEntry, command: Redact) -> Done:
    number = hide(ws, post, found.reason, command.by, command.at, first=found.proposer())
    detail = {"reason": found.reason, "first": found.by, "proposal": found.n}
    ws.audits.append(AuditEntry("room:post:redact", signed(command.by), post.id, detail, command.at))
    _close(ws, found, ProposalState.CONFIRMED, command.by, command.at)
    return Done(number)


def decline(ws: WorkingSet, command: DeclineHiding) -> ProposalEnded:
    by, post = signed(command.by), ws.post(command.post)
    found = ws.proposals.get(post.id)
    if found is None:
        raise Refusal("no_post")
    named_it = command.proposal in (None, found.n)
    how = ProposalState.WITHDRAWN if found.by == by else ProposalState.DECLINED
    if named_it and (found.state, found.decided_by) == (how, by):
        return ProposalEnded(post.id, found.state)
    if not named_it or ended(found, post, ws.now) is not None:
        raise _over(found, post, ws.now)
    found.note = command.note
    _close(ws, found, how, command.by, command.at)
    return ProposalEnded(post.id, found.state)


def end_hiding(ws: WorkingSet, command: EndHiding) -> ProposalEnded:
    """By nobody, whichever node notices first."""
    post = ws.post(command.post)
    found = ws.proposals.get(post.id)
    if found is None:
        raise Refusal("no_post")
    _end(ws, found, post, command.at)
    return ProposalEnded(post.id, found.state)


def ended(found: ProposalEntry, post: Post, now: int) -> ProposalState | None:
    """How it has ended, whether somebody has said so already or not; None: it is open."""
    if found.state is not ProposalState.OPEN:
        return found.state
    if post.hidden is not None or post.state is not PostState.PUBLISHED or post.shown_version != found.version:
        return ProposalState.STALE
    return ProposalState.EXPIRED if found.until <= now else None


def _over(found: ProposalEntry | None, post: Post, now: int) -> Refusal:
    stale = found is not None and ended(found, post, now) is ProposalState.STALE
    return Refusal("stale_version" if stale else "decided")


def _end(ws: WorkingSet, found: ProposalEntry, post: Post, at: int) -> None:
    state = ended(found, post, ws.now)
    if found.state is ProposalState.OPEN and state is not None:
        _close(ws, found, state, None, at)


def _close(ws: WorkingSet, found: ProposalEntry, state: ProposalState, by: Actor | None, at: int) -> None:
    who = NOBODY if by is None else signed(by)
    found.state, found.decided_by, found.decided_at = state, None if by is None else who, at
    _tell(ws, found, by, at)
    if state is not ProposalState.CONFIRMED:
        _audit(ws, state.value, found, who, at)


def _tell(ws: WorkingSet, found: ProposalEntry, by: Actor | None, at: int) -> None:
    """The desk is told that, why and until when; by whom is for those who may decide it."""
    told: dict[str, Any] = {"proposal": found.n, "state": found.state.value, "reason": found.reason}
    told["until"] = found.until
    ws.record(Draft(found.room, Lane.DESK, "proposal", at, ref=found.post, meta=told))
    who = {} if by is None else {"by": named(by)}
    ws.record(Draft(found.room, Lane.MOD, "proposal", at, ref=found.post, meta={**told, **who}))


def _audit(ws: WorkingSet, what: str, found: ProposalEntry, by: UserId, at: int) -> None:
    detail: dict[str, Any] = {"proposal": found.n, "reason": found.reason, "first": found.by}
    # The row is the next proposal's as soon as there is one: why this one came to nothing stands here.
    detail |= {} if found.note is None else {"note": found.note}
    ws.audits.append(AuditEntry(f"room:redaction:{what}", by, found.post, detail, at))
