"""先审后发: in a pre-moderated room what netizens write waits for a person, and so do staff under review."""

from __future__ import annotations

from moderation.drafts import Context, Draft
from moderation.verdicts import Verdict, hold
from rooms.model import Reason, StaffReview


def judge(draft: Draft, context: Context) -> Verdict | None:
    if draft.author.is_staff:
        asked = context.policy.staff is StaffReview.REVIEW
    else:
        asked = context.policy.premoderate and not context.policy.trust.lets(context.trust)
    return hold(Reason("premoderation")) if asked else None
