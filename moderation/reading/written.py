"""Finds terms as they are written: every plain variant, repetitions, separators and look-alikes, in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.reading.characters import Table, is_hanzi, plain
from moderation.reading.lookalikes import alike
from moderation.reading.standing import Form, Sighting, latin, stands, stands_in_letters
from moderation.reading.views import View, drawn_together, hanzi, mixed

# Term, start, end.
Find = tuple[int, int, int]
# More than any text can mean; bounds what a text made for it can cost.
CANDIDATES_MAX: Final = 2_000
_LEET: Final = dict(zip("01i345789", "olleastbg", strict=True))
_LOOKS: Final = Table(alike)
_LOOKS_IN_LETTERS: Final = Table(lambda character: _LEET.get(character) or alike(character))


class Written:
    """Terms of Chinese characters only, or with letters and numbers; each kind has its view of the text."""

    def __init__(self, terms: Mapping[int, str]) -> None:
        """`terms` in their own writing, by what they are called in the answer."""
        pure: dict[int, tuple[str, str]] = {}
        other: dict[int, tuple[str, str]] = {}
        for name, term in terms.items():
            key = plain_text(term)
            (pure if all(map(is_hanzi, key)) else other)[name] = (term, key)
        self._hanzi = _Automaton(pure, _LOOKS)
        self._mixed = _Automaton(other, _LOOKS_IN_LETTERS)

    def find(self, source: str) -> Iterator[Find]:
        if self._hanzi:
            for name, sighting in self._hanzi.sightings(source, hanzi(source)):
                if stands(sighting):
                    yield name, sighting.start, sighting.end
        if self._mixed:
            for name, sighting in self._mixed.sightings(source, mixed(source)):
                if stands_in_letters(sighting):
                    yield name, sighting.start, sighting.end


class _Automaton:
    """Terms by what they look like."""

    def __init__(self, terms: Mapping[int, tuple[str, str]], looks: Table) -> None:
        self._looks = looks
        self._names = tuple(terms)
        self._forms = tuple(_form(term, key) for term, key in terms.values())
        patterns = [form.text.translate(looks) for form in self._forms]
        self._automaton = AhoCorasick(patterns, matchkind=MatchKind.Standard) if patterns else None

    def __bool__(self) -> bool:
        return self._automaton is not None

    def sightings(self, source: str, view: View) -> Iterator[tuple[int, Sighting]]:
        assert self._automaton is not None
        found = self._automaton.find_matches_as_indexes(view.text.translate(self._looks), overlapping=True)
        for index, start, end in found[:CANDIDATES_MAX]:
            sighting = Sighting(source, self._forms[index], view.text[start:end], view.runs[start:end])
            yield self._names[index], sighting


def plain_text(term: str) -> str:
    """What carries meaning of a term, strokes left out as they are in texts."""
    return mixed(term).whole or "".join(map(plain, term))


def _form(term: str, key: str) -> Form:
    text = drawn_together(key)
    counts: tuple[int, ...] | None = None
    gaps: frozenset[int] = frozenset()
    if len(text) != len(key) or not (term.isalnum() or len(key) < 2):
        runs = mixed(term).runs
        counts = tuple(run[2] for run in runs) if len(text) != len(key) else None
        # Where a term itself is written apart ("free taxi"), its parts may stand apart.
        gaps = frozenset(
            index for index, (here, after) in enumerate(pairwise(runs)) if after[0] - here[1] > 1 and latin(text[index])
        )
    return Form(text, counts, gaps)
