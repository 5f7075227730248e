"""The decision on opening a seal: only what was sealed is opened, and that it was is sealed too."""

from __future__ import annotations

from kernel.permissions import Action, permits
from kernel.refusals import Refusal
from moderation.evidence_commands import OpenSeal, SealOpened
from rooms.model import Lane
from rooms.sealing import Sealed
from rooms.working_set import AuditEntry, WorkingSet, signed


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
