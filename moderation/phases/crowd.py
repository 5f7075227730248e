"""Like texts of different people at one time: coordinated, or a campaign's form letter. A person looks.

Each node remembers, for a while and within a bound, what it judged; nothing is asked of the store. Texts are compared
by the smallest hashes of their pairs of characters: of two like texts most of these are the same.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

from kernel.clock import Clock
from kernel.ids import RoomId, UserId
from moderation.drafts import Context, Draft
from moderation.verdicts import Verdict, admit, hold
from rooms.model import Reason

WINDOW_MS: Final = 600_000
# So many different people with one text, the last one among them, are no coincidence.
BURST_FROM: Final = 3
# Texts remembered by a node in all rooms; the oldest go first.
REMEMBERED_MAX: Final = 10_000
# 支持 and 什么时候通车 are what many say by themselves.
_LENGTH_MIN = 10
_SKETCH = 16
_ALIKE = 12
# Like texts have one of their first few in common; only by these are they found.
_FIRST = 4
# More that are found alike change nothing for the verdict.
_LOOKED_AT = 32
_NUMBER = re.compile(r"[0-9〇零一二三四五六七八九十百千]")


@dataclass(slots=True, eq=False)
class _Said:
    room: RoomId
    author: UserId | None
    at: int
    sketch: frozenset[int]
    keys: tuple[tuple[RoomId, str, int], ...]


class Crowd:
    """A callable phase with a memory of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: deque[_Said] = deque()
        self._having: dict[tuple[RoomId, str, int], list[_Said]] = {}

    def __len__(self) -> int:
        return len(self._said)

    def __call__(self, draft: Draft, context: Context) -> Verdict | None:
        text = "".join(filter(str.isalnum, draft.body.casefold()))
        if context.room is None or draft.author.is_staff or len(text) < _LENGTH_MIN:
            return None
        if context.policy.holds(context.trust):
            return None  # a person looks anyway, and the desk shows like texts together
        now = self._clock.now_ms()
        self._forget(now - WINDOW_MS)
        marks = nsmallest(_SKETCH, {hash(text[index : index + 2]) for index in range(len(text) - 1)})
        # A changed number is a changed question, as it is in the author's own.
        numbers = "".join(_NUMBER.findall(text))
        keys = tuple((context.room, numbers, mark) for mark in marks[:_FIRST])
        said = _Said(context.room, draft.author.id, now, frozenset(marks), keys)
        alike = {other.author for other in self._like(said)}
        if said.author not in alike:
            self._remember(said)
        others = len(alike - {said.author})
        if others + 1 >= BURST_FROM:
            return hold(Reason("repetition", category="burst", rule=5))
        return admit(Reason("repetition", category="alike")) if others else None

    def _like(self, said: _Said) -> set[_Said]:
        found = {other for key in said.keys for other in self._having.get(key, ())}
        needed = min(_ALIKE, len(said.sketch))
        return {other for other in found if len(other.sketch & said.sketch) >= needed}

    def _remember(self, said: _Said) -> None:
        self._said.append(said)
        for key in said.keys:
            having = self._having.setdefault(key, [])
            having.append(said)
            del having[:-_LOOKED_AT]
        if len(self._said) > REMEMBERED_MAX:
            self._drop_oldest()

    def _forget(self, before: int) -> None:
        while self._said and self._said[0].at < before:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        oldest = self._said.popleft()
        for key in oldest.keys:
            having = self._having.get(key, [])
            # Newer ones may have pushed it out; the oldest that is left stands first.
            if having and having[0] is oldest:
                del having[0]
            if not having:
                self._having.pop(key, None)
