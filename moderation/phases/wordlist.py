"""The city's own terms: each is refused, held, flagged or masked as its line in the list says."""

from __future__ import annotations

from moderation.drafts import Context, Draft
from moderation.verdicts import ADMITTED, Strength, Verdict
from moderation.wordlist import Hit, TermAction, WordList
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


class WordListPhase:
    """Holds the list; a callable phase like the others."""

    def __init__(self, words: WordList) -> None:
        self.words = words

    def __call__(self, draft: Draft, context: Context) -> Verdict | None:
        found = ADMITTED
        for hit in self.words.find(draft.body):
            found = found.joined(_verdict(hit))
        return found if found.reasons else None


def _verdict(hit: Hit) -> Verdict:
    term = hit.term
    reason = Reason(
        "wordlist",
        category=term.category,
        term=term.text,
        start=hit.start,
        end=hit.end,
        rule=_RULES.get(term.category or ""),
    )
    masked = ((hit.start, hit.end),) if term.action is TermAction.MASK else ()
    return Verdict(_STRENGTHS[term.action], (reason,), masked)
