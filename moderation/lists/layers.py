"""A list ready to match, and how the next version is made from it: what changed is laid over what is built.

Building a hundred thousand terms takes seconds; the few that somebody adds on a hot evening take none.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from moderation.lists.exceptions import NO_EXCEPTIONS, Exceptions
from moderation.lists.model import Written
from moderation.wordlist import NO_WORDS, Hit, Term, WordList

# More changes than this over what is built, and all of it is built anew.
CHANGED_MAX = 2_000
# While a list is built in a thread, everybody else gets the interpreter again after so many terms.
_TERMS_AT_ONCE = 100
_PAUSE_S = 0.001


@dataclass(frozen=True, slots=True)
class Layers:
    """`base` was built of `built`; `extra` lies over it; a hit of `base` whose term is among `gone` counts no more."""

    written: Written
    built: Mapping[str, Term]
    base: WordList
    extra: WordList = NO_WORDS
    gone: frozenset[Term] = field(default_factory=frozenset)
    exceptions: Exceptions = NO_EXCEPTIONS

    def find(self, body: str) -> list[Hit]:
        """Every hit that no exception covers, each once, in order of appearance."""
        hits = self.base.find(body)
        if self.gone:
            hits = [hit for hit in hits if hit.term not in self.gone]
        if len(self.extra):
            hits = sorted({*hits, *self.extra.find(body)}, key=lambda hit: (hit.start, -hit.end))
        return self.exceptions.outside(hits, body)


def build(written: Written) -> Layers:
    """All of it anew. For a thread: it takes seconds for a long list, and lets others run meanwhile."""
    base = WordList(_politely(written.terms.values()))
    return Layers(written, written.terms, base, exceptions=Exceptions(written.exceptions))


def advance(standing: Layers, written: Written) -> Layers:
    """The next version over what is built; anew where too much has changed."""
    built = standing.built
    changed = [term for text, term in written.terms.items() if built.get(text) != term]
    gone = [term for text, term in built.items() if written.terms.get(text) != term]
    if len(changed) + len(gone) > CHANGED_MAX:
        return build(written)
    extra = {term.text: term for term in (*changed, *_uncovered_by(gone, standing.base, written))}
    return Layers(
        written,
        built,
        standing.base,
        WordList(extra.values()) if extra else NO_WORDS,
        frozenset(gone),
        Exceptions(written.exceptions),
    )


def _uncovered_by(gone: Collection[Term], base: WordList, written: Written) -> Iterator[Term]:
    """Terms that `base` does not tell of because one that is gone hides them: those within it, and its twins."""
    if not gone:
        return
    told = set(base.terms)
    yield from (term for term in written.terms.values() if term not in told)
    looked: set[str] = set()
    within = [text for term in gone for text in (term.text[:-1], term.text[1:])]
    while within:
        text = within.pop()
        if not text or text in looked:
            continue
        looked.add(text)
        for hit in base.find(text):
            still = written.terms.get(hit.term.text)
            if still is not None:
                yield still
            else:
                within += [hit.term.text[:-1], hit.term.text[1:]]


def _politely(terms: Iterable[Term]) -> Iterator[Term]:
    for count, term in enumerate(terms, 1):
        yield term
        if count % _TERMS_AT_ONCE == 0:
            time.sleep(_PAUSE_S)
