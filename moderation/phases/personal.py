"""Personal details, rule 3: a moderator looks before anybody's number is public."""

from __future__ import annotations

from moderation.drafts import Context, Draft
from moderation.personal import find_particulars
from moderation.verdicts import Verdict, held_if_any
from rooms.model import Reason


def judge(draft: Draft, context: Context) -> Verdict | None:
    found = find_particulars(draft.body)
    if not found:
        return None
    return held_if_any(
        Reason("personal", category=each.category, start=each.start, end=each.end, rule=3) for each in found
    )
