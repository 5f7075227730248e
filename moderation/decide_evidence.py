"""Decisions on seals: to open one is sealed too, to keep one needs a reason, and what time is over for is erased."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kernel.permissions import Action, permits
from kernel.refusals import Refusal
from moderation.evidence_commands import EraseSealed, KeepSeal, OpenSeal, SealErased, SealKept, SealOpened
from rooms.appeals import AppealState
from rooms.model import Lane, Post, PostState
from rooms.sealing import Sealed
from rooms.working_set import AuditEntry, WorkingSet, signed

# Why a text was erased that nobody asked to erase.
RETENTION: Final = "retention"


def open_seal(ws: WorkingSet, command: OpenSeal) -> SealOpened:
    by, post = signed(command.by), ws.post(command.post)
    digest = ws.sealed.get((post.id, command.ver))
    text = ws.texts.get((post.id, command.ver))
    # What was said backstage is read by those who may read it there.
    unseen = post.kind.lane is Lane.DESK and not permits(command.by, Action.LANE_DESK)
    if digest is None or text is None or unseen:
        raise Refusal("no_post")
    ws.seal(post, command.ver, Sealed.OPENED, by, command.reason, command.at)
    detail = {"ver": command.ver, "reason": command.reason}
    ws.audits.append(AuditEntry("moderation:evidence:open", by, post.id, detail, command.at))
    return SealOpened(post.id, command.ver, text.body, digest.hex())


def keep_seal(ws: WorkingSet, command: KeepSeal) -> SealKept:
    by, post, key = signed(command.by), ws.post(command.post), (command.post, command.ver)
    text = ws.texts.get(key)
    if key not in ws.sealed or text is None:
        raise Refusal("no_post")
    if text.erased:
        raise Refusal("bad_state")
    if command.on != (key in ws.kept):
        ws.seal(post, command.ver, Sealed.KEPT if command.on else Sealed.RELEASED, by, command.reason, command.at)
        (ws.kept.add if command.on else ws.kept.discard)(key)
        detail = {"ver": command.ver, "on": command.on, "reason": command.reason}
        ws.audits.append(AuditEntry("moderation:evidence:keep", by, post.id, detail, command.at))
    return SealKept(post.id, command.ver, command.on)


def erase_sealed(ws: WorkingSet, command: EraseSealed) -> SealErased:
    post, key = ws.post(command.post), (command.post, command.ver)
    text, since = ws.texts.get(key), ws.sealed_at.get(key)
    gone = key not in ws.sealed or text is None or text.erased
    if gone or since is None or since >= command.before or key in ws.kept or _in_use(ws, post, command.ver):
        return SealErased(post.id, command.ver, erased=False)
    ws.seal(post, command.ver, Sealed.ERASED, None, RETENTION, command.at)
    ws.erase(post.id, command.ver)
    if post.version == command.ver:
        # The words that were found, where a judge of the city's own named them, are the author's too.
        post.reasons = tuple(replace(reason, term=None) for reason in post.reasons)
    return SealErased(post.id, command.ver, erased=True)


def _in_use(ws: WorkingSet, post: Post, ver: int) -> bool:
    """Whether somebody reads it as what is said, or has still to decide on it."""
    public = post.state is PostState.PUBLISHED and post.hidden is None and post.shown_version == ver
    undecided = post.version == ver and (post.waiting or post.state is PostState.PENDING)
    appealed = any(one.post == post.id and one.state is AppealState.OPEN for one in ws.appeals)
    return public or undecided or appealed
