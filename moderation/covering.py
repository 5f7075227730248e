"""What one key covers of a text that waits: the middle of each telephone, card and contact id that was found in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from moderation.personal import masked
from rooms.model import Reason

# As many stretches as one command takes (`mod.mask`).
SPANS_MAX: Final = 50
_CONTACTS: Final = frozenset({"wechat", "qq"})

Span = tuple[int, int]


def covers(body: str, reasons: Iterable[Reason]) -> tuple[Span, ...]:
    """Stretches in characters, `to` the first one after, in order; none where no phase found anything of the kind.

    Of more than `SPANS_MAX` the particulars are covered whole; of more than that as many, the rest is the moderator's.
    """
    if not any(reason.phase == "personal" or reason.category in _CONTACTS for reason in reasons):
        return ()
    shown, whole = masked(body)
    parts = tuple(_differing(body, shown))
    return parts if len(parts) <= SPANS_MAX else whole[:SPANS_MAX]


def _differing(body: str, shown: str) -> Iterator[Span]:
    places = (at for at, (was, now) in enumerate(zip(body, shown, strict=True)) if was != now)
    for _, run in groupby(enumerate(places), lambda numbered: numbered[1] - numbered[0]):
        stretch = [at for _, at in run]
        yield stretch[0], stretch[-1] + 1
