"""Decisions on appeals: one for each decision appealed against, never by who took that decision.

A reversal erases nothing. A refused text is published as a new version, so that the one verdict on its version stays;
a hiding is taken back by a restore; a sanction is lifted. Each stands in the record beside what it mends.
"""

from __future__ import annotations

from typing import Any, Final

from kernel.ids import UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.appeal_commands import Appeal, AppealMade, DecideAppeal, Reinstate
from moderation.decide_sanctions import end_sanctions
from rooms.appeals import Appealed, AppealEntry, AppealState, hiding_subject, refusal_subject, sanction_subject
from rooms.commands import PostReceipt
from rooms.hiding import WITHDRAWN, show
from rooms.merging import part
from rooms.model import Lane, Post, PostState, RoomState
from rooms.publishing import publish, receipt
from rooms.sanctions import SanctionEntry
from rooms.working_set import AuditEntry, Draft, RulingEntry, Text, WorkingSet, named, signed

# The reason of a ruling that mends an earlier one, and of a restore that follows an appeal.
REINSTATED: Final = "reinstated"
_REJECT, _PUBLISH = "reject", "publish"
# Of one sanction by device or address so many neighbours are heard: a guest is made in no time, and each appeal is read
# with all that came before it.
NEIGHBOURS_HEARD: Final = 20


def appeal(ws: WorkingSet, command: Appeal) -> AppealMade:
    author = signed(command.author)
    entry = _of_sanction(ws, command, author) if command.post is None else _of_post(ws, command, author)
    known = ws.appeals.get(entry.subject)
    if known is None and entry.post is not None and entry.ver is not None and ws.texts[entry.post, entry.ver].erased:
        # Nothing is left to be read again, nor to be shown.
        raise Refusal("range_gone")
    if known is not None:
        if known.text != command.text:
            raise Refusal("appealed")
        return AppealMade(known.id, known.state)
    ws.appeals.add(entry.subject, entry)
    _tell(ws, entry, None, command.at)
    ws.audits.append(AuditEntry("moderation:appeal:make", author, entry.id, {"of": entry.subject}, command.at))
    return AppealMade(entry.id, entry.state)


def _of_post(ws: WorkingSet, command: Appeal, author: UserId) -> AppealEntry:
    if command.post is None:
        raise Refusal("no_post")
    post = ws.post(command.post)
    if post.author.id != author:
        raise Refusal("forbidden")
    if post.state is PostState.PUBLISHED and post.hidden not in (None, WITHDRAWN):
        against = ws.hiders.get(post.id)
        subject = hiding_subject(post.id, post.hidden_seq or 0)
        return _entry(command, author, subject, Appealed.HIDING, post, post.shown_version, against, post.hidden)
    recorded = ws.rulings.get((post.id, post.version))
    refused = recorded is not None and recorded.ruling == _REJECT
    if post.hidden is not None or not (refused or post.state is PostState.REJECTED):
        raise Refusal("bad_state")
    against = recorded.moderator if recorded is not None else None
    reason = recorded.reason if recorded is not None else None
    subject = refusal_subject(post.id, post.version)
    return _entry(command, author, subject, Appealed.REFUSAL, post, post.version, against, reason)


def _of_sanction(ws: WorkingSet, command: Appeal, author: UserId) -> AppealEntry:
    found = ws.sanctions.get(command.sanction or "")
    if found is None:
        raise Refusal("no_appeal")
    subject = sanction_subject(found.id, None if found.user == author else author)
    if subject not in ws.appeals:
        if found.user != author and not found.touches(author, command.author.sources):
            raise Refusal("forbidden")
        if not found.in_force(ws.now):
            raise Refusal("bad_state")
        if found.user != author and _neighbours_heard(ws, found) >= NEIGHBOURS_HEARD:
            raise Refusal("appealed")
    rule = None if found.rule is None else str(found.rule)
    return _entry(command, author, subject, Appealed.SANCTION, None, None, found.by, rule)


def _neighbours_heard(ws: WorkingSet, found: SanctionEntry) -> int:
    return sum(one.sanction == found.id and one.author != found.user for one in ws.appeals)


def _entry(
    command: Appeal,
    author: UserId,
    subject: str,
    what: Appealed,
    post: Post | None,
    ver: int | None,
    against: UserId | None,
    reason: str | None,
) -> AppealEntry:
    return AppealEntry(
        id=command.id,
        subject=subject,
        what=what,
        room=command.room if post is None else post.room,
        post=command.post,
        ver=ver,
        sanction=command.sanction,
        author=author,
        text=command.text,
        against=against,
        reason=reason,
        at=command.at,
    )


def decide_appeal(ws: WorkingSet, command: DecideAppeal) -> AppealMade:
    by = signed(command.by)
    found = next((one for one in ws.appeals if one.id == command.id), None)
    if found is None or command.outcome is AppealState.OPEN:
        raise Refusal("no_appeal")
    if found.state is not AppealState.OPEN:
        if (found.decided_by, found.state) != (by, command.outcome):
            raise Refusal("decided")
        return AppealMade(found.id, found.state)
    if found.against == by or _proposed_it(ws, found, by):
        raise Refusal("own_ruling")
    if command.outcome is AppealState.REVERSED:
        _reverse(ws, found, command)
    _close(ws, found, command.outcome, command.note, command.by, command.at)
    return AppealMade(found.id, found.state)


def _proposed_it(ws: WorkingSet, found: AppealEntry, by: UserId) -> bool:
    """Of a hiding that two agreed on neither judges the appeal, whatever has been proposed since.

    Whoever proposed any hiding of this post that the same person confirmed counts: one colleague too many is no harm.
    """
    if found.what is not Appealed.HIDING or found.post is None or found.against is None:
        return False
    return by in ws.proposers.get((found.post, found.against), ())


def _reverse(ws: WorkingSet, found: AppealEntry, command: DecideAppeal) -> None:
    """What was refused is published, what was hidden is shown, what was forbidden is allowed."""
    if found.what is Appealed.SANCTION:
        end_sanctions(ws, [one for one in ws.sanctions if one.id == found.sanction], command.by, command.at)
        return
    if found.post is None or found.ver is None:
        raise ValueError(f"appeal {found.id} of a post without one")
    post = ws.post(found.post)
    if found.what is Appealed.REFUSAL:
        _publish_again(ws, post, found.ver, command.note, command.salt, command.by, command.at)
    elif post.hidden == WITHDRAWN:
        raise Refusal("no_post")
    elif post.hidden is not None and found.subject == hiding_subject(post.id, post.hidden_seq or 0):
        show(ws, post, REINSTATED, command.by, command.at)


def reinstate(ws: WorkingSet, command: Reinstate) -> PostReceipt:
    by, post = signed(command.by), ws.post(command.post)
    mended = ws.rulings.get((post.id, command.ver + 1))
    if mended is not None and (mended.moderator, mended.reason) == (by, REINSTATED):
        return receipt(post, repeated=True)
    found = ws.appeals.get(refusal_subject(post.id, command.ver))
    asked = found is not None and found.state is AppealState.OPEN
    if found is not None and asked and found.against == by:
        raise Refusal("own_ruling")
    _publish_again(ws, post, command.ver, command.note, command.salt, command.by, command.at)
    if found is not None and asked:
        _close(ws, found, AppealState.REVERSED, command.note, command.by, command.at)
    return receipt(post)


def _publish_again(ws: WorkingSet, post: Post, ver: int, note: str | None, salt: bytes, by: Actor, at: int) -> None:
    """One verdict to a version stays true: what is published is a new version with the same words."""
    moderator = signed(by)
    if post.state is PostState.WITHDRAWN or post.hidden is not None:
        raise Refusal("no_post")
    recorded = ws.rulings.get((post.id, ver))
    refused = recorded is not None and recorded.ruling == _REJECT
    if post.version != ver or post.waiting or not (refused or post.state is PostState.REJECTED):
        raise Refusal("stale_version")
    said = ws.texts[post.id, ver]
    if said.erased:
        raise Refusal("no_post")
    part(ws, post, at)
    post.version += 1
    ws.texts.add((post.id, post.version), Text(post.id, post.version, said.body, salt, moderator, at))
    number = publish(ws, post, at)
    ruling = RulingEntry(post.id, post.version, _PUBLISH, moderator, REINSTATED, note, number, at)
    ws.rulings.add((post.id, post.version), ruling)
    told = {"ver": post.version, "by": named(by), "author": post.author.id, "state": post.state.value}
    ws.record(Draft(post.room, Lane.MOD, "reinstated", at, ref=post.id, version=post.version, meta=told))
    ws.audits.append(AuditEntry("moderation:post:reinstate", moderator, post.id, {"ver": ver}, at))


def _close(ws: WorkingSet, found: AppealEntry, outcome: AppealState, note: str | None, by: Actor, at: int) -> None:
    found.state, found.decided_by, found.decided_at, found.note = outcome, signed(by), at, note
    _tell(ws, found, by, at)
    detail = {"of": found.subject, "outcome": outcome.value}
    ws.audits.append(AuditEntry("moderation:appeal:decide", signed(by), found.id, detail, at))


def _tell(ws: WorkingSet, entry: AppealEntry, by: Actor | None, at: int) -> None:
    """Moderators see it at once, and so does the author's node; the author's words stay out of the lane."""
    told: dict[str, Any] = {"appeal": entry.id, "of": entry.what.value, "state": entry.state.value}
    told |= {"author": entry.author} | ({} if by is None else {"by": named(by)})
    on_air = [one.room.id for one in ws.rooms if one.room.state is not RoomState.CLOSED]
    for room in on_air if entry.room is None else [entry.room]:
        ws.record(Draft(room, Lane.MOD, "appeal", at, ref=entry.post, meta=told))
