"""The same again: one character over and over (rule 5), or what the author has just written here (rules 5 and 6)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from moderation.drafts import Context, Draft
from moderation.folding import fold
from moderation.verdicts import Verdict, hold, refuse
from rooms.model import Reason

# So many identical texts are no oversight any more.
FLOOD = 5
# Rules drawn with marks (……, ======) and a drawn-out 啊 are ways to write; a longer run carries nothing.
_RUN = re.compile(r"([^\W_])\1{11,}|([^\w\s])\2{59,}")
# As long as the shortest of those, of anything; written out, it is told at once where there is none.
_LIKE = re.compile(r"(.)" + r"\1" * 11, re.DOTALL)
# Shorter texts are too alike by nature: "支持第二种方案" and "支持第一种方案".
_NEAR_LENGTH = 16
_NEAR = 0.9
_NUMBER = re.compile(r"[0-9〇零一二三四五六七八九十百千]")


# What somebody wrote is looked at again with each of their next posts.
_REMEMBERED = 4_096


class Written(NamedTuple):
    """One text, as far as it is compared: what it says, and the numbers in it."""

    text: str
    numbers: str


def judge(draft: Draft, context: Context) -> Verdict | None:
    if context.recent and (written := _written(draft.body)).text:
        earlier = [_written(body) for body in context.recent]
        same = earlier.count(written)
        if same >= FLOOD:
            return refuse(Reason("repetition", category="flood", rule=5))
        if same or any(_nearly_same(written, other) for other in earlier):
            return hold(Reason("repetition", category="duplicate", rule=6))
    if _LIKE.search(draft.body) and (run := _RUN.search(draft.body)):
        return hold(Reason("repetition", category="run", start=run.start(), end=run.end(), rule=5))
    return None


@lru_cache(maxsize=_REMEMBERED)
def _written(body: str) -> Written:
    text = fold(body).text
    return Written(text, "".join(_NUMBER.findall(text)))


def _nearly_same(one: Written, other: Written) -> bool:
    """Dice over pairs of characters. A changed number is a changed question, however alike the rest is."""
    if one.numbers != other.numbers or min(len(one.text), len(other.text)) < _NEAR_LENGTH:
        return False
    ours, theirs = _pairs(one.text), _pairs(other.text)
    return 2 * len(ours & theirs) >= _NEAR * (len(ours) + len(theirs))


def _pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(len(text) - 1)}
