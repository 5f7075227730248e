"""A list ready to match, and how the next version is made from it: what changed is laid over what is built.

Building a hundred thousand terms takes seconds; the few that somebody adds on a hot evening take none.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from moderation.lists.exceptions import NO_EXCEPTIONS, Exceptions
from moderation.lists.model import Written
from moderation.wordlist import NO_WORDS, Hit, Term, WordList, room_for_likest

# More changes than this over what is built, and all of it is built anew.
CHANGED_MAX = 2_000
# Beside posts a list is built in pieces of so many terms: each is made in one go, and nobody else runs meanwhile.
PIECE = 10_000
_PAUSE_S = 0.005


@dataclass(frozen=True, slots=True)
class Pieces:
    """Lists that are one: in one piece, or in several where it was made while posts were judged."""

    lists: tuple[WordList, ...] = ()

    @property
    def terms(self) -> Iterator[Term]:
        return chain.from_iterable(one.terms for one in self.lists)

    def find(self, body: str) -> list[Hit]:
        if len(self.lists) == 1:
            return self.lists[0].find(body)
        hits = dict.fromkeys(chain.from_iterable(one.find(body) for one in self.lists))
        return sorted(hits, key=_place)


@dataclass(frozen=True, slots=True)
class Layers:
    """`base` was built of `built`; `extra` lies over it; a hit of `base` whose term is among `gone` counts no more."""

    written: Written
    built: Mapping[str, Term]
    base: Pieces
    extra: WordList = NO_WORDS
    gone: frozenset[Term] = field(default_factory=frozenset)
    exceptions: Exceptions = NO_EXCEPTIONS

    def find(self, body: str) -> list[Hit]:
        """Every hit that no exception covers, each once, in order of appearance."""
        hits = self.base.find(body)
        if self.gone:
            hits = [hit for hit in hits if hit.term not in self.gone]
        if len(self.extra):
            hits = sorted({*hits, *self.extra.find(body)}, key=_place)
        return self.exceptions.outside(hits, body)


def build(written: Written, *, beside_posts: bool = False) -> Layers:
    """All of it anew. For a thread: a long list takes seconds.

    `beside_posts`: in pieces, which nobody has to wait for; a text is looked up in each, so that it costs more until
    the list is built in one piece again.
    """
    terms = list(written.terms.values())
    size = PIECE if beside_posts else max(len(terms), 1)
    # A piece finds what the whole would.
    likest = room_for_likest(terms)
    lists = []
    for start in range(0, len(terms), size):
        lists.append(WordList(terms[start : start + size], likest=likest))
        if beside_posts:
            time.sleep(_PAUSE_S)
    return Layers(written, written.terms, Pieces(tuple(lists)), exceptions=Exceptions(written.exceptions))


def advance(standing: Layers, written: Written) -> Layers:
    """The next version over what is built; anew where too much has changed."""
    built = standing.built
    changed = [term for text, term in written.terms.items() if built.get(text) != term]
    gone = [term for text, term in built.items() if written.terms.get(text) != term]
    if len(changed) + len(gone) > CHANGED_MAX:
        return build(written, beside_posts=True)
    extra = {term.text: term for term in (*changed, *_uncovered_by(gone, standing.base, written))}
    return Layers(
        written,
        built,
        standing.base,
        WordList(extra.values(), likest=room_for_likest(written.terms.values())) if extra else NO_WORDS,
        frozenset(gone),
        Exceptions(written.exceptions),
    )


def _uncovered_by(gone: Collection[Term], base: Pieces, written: Written) -> Iterator[Term]:
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


def _place(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end
