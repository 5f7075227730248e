"""Too long to be stored, or without a single letter or number."""

from __future__ import annotations

import re

from kernel.text import NETIZEN_BODY_MAX, STAFF_BODY_MAX
from moderation.drafts import Context, Draft
from moderation.folding import fold
from moderation.verdicts import Verdict, hold, refuse
from rooms.model import Reason

# Letters, digits or Chinese characters as nearly all texts have them; only without any a closer look is needed.
_SAYS_SOMETHING = re.compile("[0-9A-Za-z\u4e00-\u9fff]")


def judge(draft: Draft, context: Context) -> Verdict | None:
    """The edge answers `too_large` before this; here it also holds for texts from elsewhere."""
    most = STAFF_BODY_MAX if draft.author.is_staff else NETIZEN_BODY_MAX
    if len(draft.body) > most:
        return refuse(Reason("length", category="too_long", start=most, end=len(draft.body)))
    if not _SAYS_SOMETHING.search(draft.body) and not fold(draft.body).text:
        return hold(Reason("length", category="marks_only", start=0, end=len(draft.body)))
    return None
