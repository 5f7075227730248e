"""The decision to publish a text with parts of it covered: only places are given, so nothing else can change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kernel.permissions import Role
from kernel.refusals import Refusal
from moderation.commands import Mask, Ruling
from moderation.covering import SPANS_MAX
from moderation.decide_leases import held_post
from moderation.decide_rulings import recorded_receipt, tell_verdict
from moderation.verdicts import covered
from rooms.commands import PostReceipt
from rooms.publishing import publish
from rooms.sealing import Sealed
from rooms.working_set import AuditEntry, RulingEntry, Text, WorkingSet, signed

# Why a version was published that a moderator made of another: its author is told by it.
MASKED: Final = "masked"


def mask(ws: WorkingSet, command: Mask) -> PostReceipt:
    """The covered text is a version of its own; the one below it is sealed: no event publishes it, ever."""
    moderator = signed(command.by)
    recorded = ws.rulings.get((command.post, command.ver + 1))
    if recorded is not None and (recorded.moderator, recorded.reason) == (moderator, MASKED):
        return recorded_receipt(ws.post(command.post), recorded)
    post = held_post(ws, command.post, command.ver, command.by)
    if post.author.role is not Role.NETIZEN:
        # A department answers in its own words, or not at all.
        raise Refusal("forbidden")
    said = ws.texts[post.id, post.version]
    shown = _covered(said.body, command.spans)
    ws.set_waiting(post, False, command.at)
    ws.seal(post, command.ver, Sealed.MASKED, moderator, command.note, command.at)
    post.version += 1
    ws.texts.add((post.id, post.version), Text(post.id, post.version, shown, command.salt, moderator, command.at))
    number = publish(ws, post, command.at)
    ruling = RulingEntry(
        post.id, post.version, Ruling.PUBLISH.value, moderator, MASKED, command.note, number, command.at
    )
    ws.rulings.add((post.id, post.version), ruling)
    tell_verdict(ws, post, Ruling.PUBLISH.value, MASKED, command.by, command.at)
    detail = {"ver": command.ver, "spans": [list(span) for span in command.spans]}
    ws.audits.append(AuditEntry("moderation:post:mask", moderator, post.id, detail, command.at))
    return PostReceipt(post.id, post.room, post.state, post.version, number, post.number, post.reasons)


def _covered(body: str, spans: Sequence[tuple[int, int]]) -> str:
    """Every offset stays where it was. At least one character is covered, and at least one word is left."""
    if not 1 <= len(spans) <= SPANS_MAX or any(not 0 <= start < end <= len(body) for start, end in spans):
        raise Refusal("bad_frame", field="spans")
    shown = covered(body, spans)
    if shown == body or not any(character.isalnum() for character in shown):
        raise Refusal("bad_frame", field="spans")
    return shown
