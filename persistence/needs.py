"""What a batch of commands will look at, found out from the commands alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from kernel.ids import DepartmentId, PostId, RoomId, SourceKey, UserId
from moderation.appeal_commands import Appeal, DecideAppeal, Reinstate
from moderation.commands import (
    Acknowledge,
    Command,
    Decide,
    Extend,
    LiftSanction,
    Mask,
    Merge,
    Pull,
    Release,
    Reopen,
    Sanction,
)
from moderation.evidence_commands import EraseSealed, KeepSeal, OpenSeal
from moderation.proposal_commands import DeclineHiding, EndHiding
from moderation.report_commands import JudgeReports, Report
from rooms.commands import (
    ChangeState,
    CreateRoom,
    EndEmergency,
    Invite,
    Pin,
    Redact,
    Restore,
    RevisePost,
    SetRoom,
    Stage,
    SubmitPost,
    TakeSeat,
    Vote,
    WithdrawPost,
)

# No moderator holds more at once.
PULL_MAX = 100


@dataclass(slots=True)
class Needs:
    """Keys to load. `staging`: the batch may displace what is on stage."""

    rooms: set[RoomId] = field(default_factory=set)
    targets: set[PostId] = field(default_factory=set)
    parents: set[PostId] = field(default_factory=set)
    staging: bool = False
    cids: set[tuple[RoomId, UserId, str]] = field(default_factory=set)
    authors: set[UserId] = field(default_factory=set)
    sources: set[SourceKey] = field(default_factory=set)  # from where they write
    rulings: set[PostId] = field(default_factory=set)
    merging: set[PostId] = field(default_factory=set)  # with the questions merged into theirs
    votes: set[tuple[PostId, UserId]] = field(default_factory=set)
    pulls: list[tuple[RoomId | None, int]] = field(default_factory=list)
    departments: set[DepartmentId] = field(default_factory=set)
    places: bool = False  # rooms with their departments
    codes: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    sitters: set[UserId] = field(default_factory=set)
    muted: set[UserId] = field(default_factory=set)
    appealed: set[PostId] = field(default_factory=set)  # posts with their appeals, and who hid them
    sanctions: set[str] = field(default_factory=set)  # by their ids, with their appeals
    reported: set[PostId] = field(default_factory=set)  # by people of `authors`
    judged: set[PostId] = field(default_factory=set)  # with the reasons of their reports
    proposed: set[PostId] = field(default_factory=set)  # with the newest proposal to hide them
    evidence: set[tuple[PostId, int]] = field(default_factory=set)  # sealed versions to be opened
    everywhere: bool = False  # all rooms that are not closed


def needs_of(batch: Sequence[Command]) -> Needs:
    needs = Needs()
    for command in batch:
        _NOTES[type(command)](needs, command)
    return needs


def _submit(needs: Needs, command: SubmitPost) -> None:
    needs.rooms.add(command.room)
    needs.cids.add((command.room, command.author.id, command.cid))
    needs.authors.add(command.author.id)
    needs.sources.update(command.sources)
    if command.reply_to is not None:
        needs.parents.add(command.reply_to)


def _revise(needs: Needs, command: RevisePost) -> None:
    needs.targets.add(command.post)
    if command.author.id is not None:
        needs.authors.add(command.author.id)
        needs.sources.update(command.author.sources)


def _redact(needs: Needs, command: Redact | DeclineHiding | EndHiding) -> None:
    needs.targets.add(command.post)
    needs.proposed.add(command.post)
    if isinstance(command, Redact):
        needs.rulings.add(command.post)


def _target(needs: Needs, command: Restore | Pin | Extend | Release) -> None:
    needs.targets.add(command.post)


def _withdraw(needs: Needs, command: WithdrawPost) -> None:
    needs.targets.add(command.post)


def _stage(needs: Needs, command: Stage) -> None:
    needs.targets.add(command.post)
    needs.staging |= command.on


def _vote(needs: Needs, command: Vote) -> None:
    needs.targets.add(command.post)
    needs.votes.add((command.post, command.voter))
    needs.authors.add(command.voter)
    needs.sources.update(command.sources)


def _decide(needs: Needs, command: Decide) -> None:
    needs.targets.add(command.post)
    needs.rulings.add(command.post)


def _merge(needs: Needs, command: Merge) -> None:
    posts = {command.post, *(post for post, _ in command.posts)}
    needs.targets |= posts
    needs.rulings |= posts
    needs.merging |= posts


def _reopen(needs: Needs, command: Reopen | Mask) -> None:
    needs.targets.add(command.post)
    needs.rulings.add(command.post)
    if isinstance(command, Reopen):
        needs.appealed.add(command.post)


def _pull(needs: Needs, command: Pull) -> None:
    if command.post is not None:
        needs.targets.add(command.post)
        return
    needs.pulls.append((command.room, min(max(command.n, 0), PULL_MAX)))


def _create(needs: Needs, command: CreateRoom) -> None:
    needs.departments.update(command.departments)


def _steer(needs: Needs, command: ChangeState | SetRoom | EndEmergency) -> None:
    needs.rooms.add(command.room)


def _invite(needs: Needs, command: Invite) -> None:
    needs.rooms.add(command.room)
    needs.departments.add(command.department)
    needs.places = True


def _take_seat(needs: Needs, command: TakeSeat) -> None:
    needs.codes.add(command.code)
    needs.secrets.add(command.secret_hash)
    needs.places = True
    if command.by.id is not None:
        needs.sitters.add(command.by.id)


def _sanction(needs: Needs, command: Sanction | LiftSanction) -> None:
    needs.muted.add(command.user)
    if command.room is None:
        needs.everywhere = True
    else:
        needs.rooms.add(command.room)


def _reinstate(needs: Needs, command: Reinstate) -> None:
    needs.targets.add(command.post)
    needs.rulings.add(command.post)
    needs.appealed.add(command.post)


def _appeal(needs: Needs, command: Appeal | DecideAppeal) -> None:
    if command.post is not None:
        needs.targets.add(command.post)
        needs.rulings.add(command.post)
        needs.appealed.add(command.post)
        return
    if command.sanction is not None:
        needs.sanctions.add(command.sanction)
    if command.room is None:
        needs.everywhere = True
    else:
        needs.rooms.add(command.room)


def _report(needs: Needs, command: Report) -> None:
    needs.targets.add(command.post)
    needs.reported.add(command.post)
    if command.by.id is not None:
        needs.authors.add(command.by.id)
        needs.sources.update(command.by.sources)


def _judge(needs: Needs, command: JudgeReports) -> None:
    needs.targets.add(command.post)
    needs.judged.add(command.post)
    needs.proposed.add(command.post)
    needs.rulings.add(command.post)


def _acknowledge(needs: Needs, command: Acknowledge) -> None:
    needs.sanctions.add(command.sanction)
    if command.room is not None:
        needs.rooms.add(command.room)


def _open_seal(needs: Needs, command: OpenSeal | KeepSeal | EraseSealed) -> None:
    needs.targets.add(command.post)
    needs.evidence.add((command.post, command.ver))
    if isinstance(command, EraseSealed):
        needs.appealed.add(command.post)


_NOTES: Mapping[type[Any], Callable[[Needs, Any], None]] = MappingProxyType(
    {
        SubmitPost: _submit,
        RevisePost: _revise,
        WithdrawPost: _withdraw,
        Redact: _redact,
        DeclineHiding: _redact,
        EndHiding: _redact,
        Restore: _target,
        Pin: _target,
        Stage: _stage,
        Vote: _vote,
        Decide: _decide,
        Reopen: _reopen,
        Merge: _merge,
        Mask: _reopen,
        Pull: _pull,
        Extend: _target,
        Release: _target,
        CreateRoom: _create,
        ChangeState: _steer,
        SetRoom: _steer,
        EndEmergency: _steer,
        Invite: _invite,
        TakeSeat: _take_seat,
        Sanction: _sanction,
        LiftSanction: _sanction,
        Acknowledge: _acknowledge,
        Appeal: _appeal,
        DecideAppeal: _appeal,
        Reinstate: _reinstate,
        Report: _report,
        JudgeReports: _judge,
        OpenSeal: _open_seal,
        KeepSeal: _open_seal,
        EraseSealed: _open_seal,
    }
)
