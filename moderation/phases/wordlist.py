"""The lists' terms, the city's and the room's own: each is refused, held, flagged or masked as its line says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from kernel.ids import RoomId
from moderation.drafts import Context, Draft
from moderation.lists.live import Found, NotLoaded
from moderation.verdicts import ADMITTED, Strength, Verdict, hold
from moderation.wordlist import TOO_MANY, TermAction, WordList
from rooms.model import Reason

_STRENGTHS = {
    TermAction.REFUSE: Strength.REFUSE,
    TermAction.HOLD: Strength.HOLD,
    TermAction.FLAG: Strength.ADMIT,
    TermAction.MASK: Strength.ADMIT,
}
# Categories that are one of the eight numbered rules; a list may use other ones.
_RULES = {
    **dict.fromkeys(("abuse", "辱骂"), 1),
    **dict.fromkeys(("unlawful", "违法"), 2),
    **dict.fromkeys(("personal", "个人信息"), 3),
    **dict.fromkeys(("ads", "advertising", "广告", "引流"), 4),
}


class Words(Protocol):
    """The lists in force where a draft is judged."""

    def find(self, room: RoomId | None, body: str) -> list[Found]:
        """Raises `NotLoaded` while a list that counts here is not ready."""
        ...


class OneList:
    """One list for every room, without versions."""

    def __init__(self, words: WordList) -> None:
        self._words = words

    def find(self, room: RoomId | None, body: str) -> list[Found]:
        return [Found(hit, 0, city=True) for hit in self._words.find(body)]


class WordListPhase:
    """Asks the lists in force; a callable phase like the others."""

    def __init__(self, words: WordList | Words) -> None:
        self.words: Words = OneList(words) if isinstance(words, WordList) else words

    def __call__(self, draft: Draft, context: Context) -> Verdict | None:
        try:
            hits = self.words.find(context.room, draft.body)
        except NotLoaded as missing:
            # Not even what the city refuses is refused: the list that is missing may excuse it.
            return replace(_joined(hold(Reason("wordlist", category="loading")), missing.found), strength=Strength.HOLD)
        found = _joined(ADMITTED, hits)
        return found if found.reasons else None


def _joined(verdict: Verdict, hits: Iterable[Found]) -> Verdict:
    for hit in hits:
        verdict = verdict.joined(_verdict(hit))
    return verdict


def _verdict(found: Found) -> Verdict:
    hit, term = found.hit, found.hit.term
    if term is TOO_MANY:
        return hold(Reason("wordlist", category=term.category))
    reason = Reason(
        "wordlist",
        category=term.category,
        term=term.text,
        start=hit.start,
        end=hit.end,
        rule=_RULES.get(term.category or ""),
        list=(found.number or None) if found.city else None,
        room_list=None if found.city else found.number,
    )
    masked = ((hit.start, hit.end),) if term.action is TermAction.MASK else ()
    return Verdict(_STRENGTHS[term.action], (reason,), masked)
