"""Whoever a moderator watches waits for a person in every room, whatever its policy says."""

from __future__ import annotations

from moderation.drafts import Context, Draft
from moderation.verdicts import Verdict, hold
from rooms.model import Reason, Trust


def judge(draft: Draft, context: Context) -> Verdict | None:
    return hold(Reason("trust", category="watched")) if context.trust is Trust.WATCHED else None
