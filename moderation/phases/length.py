"""Too long to be stored, or without a single letter or number."""

from __future__ import annotations

from kernel.text import NETIZEN_BODY_MAX, STAFF_BODY_MAX
from moderation.drafts import Context, Draft
from moderation.folding import fold
from moderation.verdicts import Verdict, hold, refuse
from rooms.model import Reason


def judge(draft: Draft, context: Context) -> Verdict | None:
    """The edge answers `too_large` before this; here it also holds for texts from elsewhere."""
    most = STAFF_BODY_MAX if draft.author.is_staff else NETIZEN_BODY_MAX
    if len(draft.body) > most:
        return refuse(Reason("length", category="too_long", start=most, end=len(draft.body)))
    if not fold(draft.body).text:
        return hold(Reason("length", category="marks_only", start=0, end=len(draft.body)))
    return None
