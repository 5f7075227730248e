"""Waiting texts that say nearly the same, to be decided at once. A changed number is another question."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from moderation.commands import WaitingPost
from moderation.folding import fold

# Of one room, the newest.
COMPARED_MAX: Final = 500
PUBLIC_MAX: Final = 200
GROUP_MAX: Final = 50
_NEAR: Final = 0.9
# Shorter texts are too alike by nature, unless they are the same.
_NEAR_LENGTH: Final = 12
_WITHIN_LENGTH: Final = 4
_WITHIN_TIMES: Final = 3
# So many characters more or fewer add no meaning of their own.
_SLACK: Final = 3
_NUMBER: Final = re.compile(r"[0-9〇零一二三四五六七八九十百千]")


class Signature(NamedTuple):
    """One text, as far as it is compared."""

    text: str
    numbers: str
    pairs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Alike:
    """`adds`: it says something besides, so it is not taken for the same without a look."""

    post: WaitingPost
    adds: bool


def alike(body: str, others: Iterable[WaitingPost]) -> list[Alike]:
    """Those of `others` that say nearly what `body` says, in their order, at most `GROUP_MAX`."""
    ours = _signature(body)
    found: list[Alike] = []
    for other in others:
        adds = _compared(ours, _signature(other.body)) if ours.text else None
        if adds is not None:
            found.append(Alike(other, adds))
            if len(found) == GROUP_MAX:
                break
    return found


def _compared(ours: Signature, theirs: Signature) -> bool | None:
    """None: another text; else whether theirs adds something."""
    if ours.text == theirs.text:
        return False
    if _near(ours, theirs):
        return len(theirs.text) > len(ours.text) + _SLACK
    short, long = sorted((ours.text, theirs.text), key=len)
    if len(short) >= _WITHIN_LENGTH and len(long) <= _WITHIN_TIMES * len(short) and short in long:
        return True
    return None


def _near(ours: Signature, theirs: Signature) -> bool:
    """Dice over pairs of characters."""
    if ours.numbers != theirs.numbers or min(len(ours.text), len(theirs.text)) < _NEAR_LENGTH:
        return False
    return 2 * len(ours.pairs & theirs.pairs) >= _NEAR * (len(ours.pairs) + len(theirs.pairs))


# Every card that is opened compares the same waiting texts once more.
@lru_cache(maxsize=4 * COMPARED_MAX)
def _signature(body: str) -> Signature:
    text = fold(body).text
    pairs = frozenset(text[index : index + 2] for index in range(len(text) - 1))
    return Signature(text, "".join(_NUMBER.findall(text)), pairs)
