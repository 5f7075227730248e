"""One decision for each command there is, of rooms and of moderators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from moderation.appeal_commands import Appeal, DecideAppeal, Reinstate
from moderation.commands import (
    Acknowledge,
    Command,
    Decide,
    Extend,
    LiftSanction,
    Mask,
    Merge,
    Outcome,
    Pull,
    Release,
    Reopen,
    Sanction,
)
from moderation.decide_appeals import appeal, decide_appeal, reinstate
from moderation.decide_evidence import erase_sealed, keep_seal, open_seal
from moderation.decide_leases import extend, pull, release
from moderation.decide_mask import mask
from moderation.decide_merge import merge
from moderation.decide_proposals import decline, end_hiding, redact
from moderation.decide_reports import judge_reports, report
from moderation.decide_rulings import reopen, rule
from moderation.decide_sanctions import acknowledge, lift_sanction, sanction
from moderation.evidence_commands import EraseSealed, KeepSeal, OpenSeal
from moderation.proposal_commands import DeclineHiding, EndHiding
from moderation.report_commands import JudgeReports, Report
from rooms.commands import Redact
from rooms.decide import DECISIONS as ROOM_DECISIONS
from rooms.working_set import WorkingSet

_DECISIONS: Mapping[type[Any], Callable[[WorkingSet, Any], Outcome]] = MappingProxyType(
    {
        **ROOM_DECISIONS,
        # Whether one person is enough to hide is moderation's to say.
        Redact: redact,
        DeclineHiding: decline,
        EndHiding: end_hiding,
        Pull: pull,
        Extend: extend,
        Release: release,
        Decide: rule,
        Reopen: reopen,
        Merge: merge,
        Mask: mask,
        Sanction: sanction,
        LiftSanction: lift_sanction,
        Acknowledge: acknowledge,
        Appeal: appeal,
        DecideAppeal: decide_appeal,
        Reinstate: reinstate,
        Report: report,
        JudgeReports: judge_reports,
        OpenSeal: open_seal,
        KeepSeal: keep_seal,
        EraseSealed: erase_sealed,
    }
)


def decide(ws: WorkingSet, command: Command) -> Outcome:
    """The decision on any command there is."""
    return _DECISIONS[type(command)](ws, command)
