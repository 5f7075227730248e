"""The same again: one character over and over (rule 5), or what the author has just written here (rules 5 and 6)."""

from __future__ import annotations

import re

from moderation.drafts import Context, Draft
from moderation.folding import fold
from moderation.verdicts import Verdict, hold, refuse
from rooms.model import Reason

# How many of the author's newest posts are looked back at.
LOOK_BACK = 8
# So many identical texts are no oversight any more.
FLOOD = 5
# Rules drawn with marks (……, ======) and a drawn-out 啊 are ways to write; a longer run carries nothing.
_RUN = re.compile(r"([^\W_])\1{11,}|([^\w\s])\2{59,}")
# Shorter texts are too alike by nature: "支持第二种方案" and "支持第一种方案".
_NEAR_LENGTH = 16
_NEAR = 0.9


def judge(draft: Draft, context: Context) -> Verdict | None:
    text = fold(draft.body).text
    if text and context.recent:
        earlier = [fold(body).text for body in context.recent[:LOOK_BACK]]
        same = earlier.count(text)
        if same >= FLOOD:
            return refuse(Reason("repetition", category="flood", rule=5))
        if same or any(_nearly_same(text, other) for other in earlier):
            return hold(Reason("repetition", category="duplicate", rule=6))
    if run := _RUN.search(draft.body):
        return hold(Reason("repetition", category="run", start=run.start(), end=run.end(), rule=5))
    return None


def _nearly_same(text: str, other: str) -> bool:
    """Dice over pairs of characters. A changed number is a changed question, however alike the rest is."""
    if min(len(text), len(other)) < _NEAR_LENGTH or _numbers(text) != _numbers(other):
        return False
    ours, theirs = _pairs(text), _pairs(other)
    return 2 * len(ours & theirs) >= _NEAR * (len(ours) + len(theirs))


def _pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(len(text) - 1)}


def _numbers(text: str) -> str:
    return "".join(re.findall(r"[0-9〇零一二三四五六七八九十百千]", text))
