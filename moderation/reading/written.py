"""Finds terms as they are written: every plain variant, repetitions, separators and look-alikes, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
# Digits and letters taken for each other.
_LEET: Final = dict(zip("01i3456789q", "olleasgtbgg", strict=True))
# Marks that stand for a letter beside others.
_MARKS: Final = str.maketrans("@$€£¥(<{[×!|+©®¢§", "aselyccccxiltcrcs")
_MARK: Final = re.compile(r"[@$€£¥(<{\[×!|+©®¢§]")
_NUMERALS: Final = str.maketrans("零〇一二三四五六七八九两幺", "0012345678921")
_NUMERAL: Final = frozenset("零〇一二三四五六七八九两幺0123456789")
_DIGITS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
_LOOKS: Final = Table(alike)
_LOOKS_IN_LETTERS: Final = Table(lambda character: _LEET.get(character) or alike(character))


class Written:
    """Terms of Chinese characters only, or with letters and numbers; each kind has its view of the text."""

    def __init__(self, terms: Mapping[int, str]) -> None:
        """`terms` in their own writing, by what they are called in the answer."""
        pure: list[tuple[int, Form]] = []
        other: list[tuple[int, Form]] = []
        for name, term in terms.items():
            for way in _numbered(term):
                (pure if all(map(is_hanzi, plain_text(way))) else other).append((name, form_of(way)))
        self._hanzi = _Automaton(pure, _LOOKS)
        self._mixed = _Automaton(other, _LOOKS_IN_LETTERS)

    def find(self, source: str) -> Iterator[Find]:
        if self._hanzi:
            for name, sighting in self._hanzi.sightings(source, hanzi(source)):
                if stands(sighting):
                    yield name, sighting.start, sighting.end
        if self._mixed:
            yield from self._spelled(source)
            if _MARK.search(source) and (marked := source.translate(_MARKS)) != source:
                yield from self._spelled(marked)

    def _spelled(self, source: str) -> Iterator[Find]:
        for name, sighting in self._mixed.sightings(source, mixed(source)):
            if stands_in_letters(sighting):
                yield name, sighting.start, sighting.end


class _Automaton:
    """Terms by what they look like."""

    def __init__(self, terms: Sequence[tuple[int, Form]], looks: Table) -> None:
        self._looks = looks
        self._names = tuple(name for name, _ in terms)
        self._forms = tuple(form for _, form in terms)
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


def _numbered(term: str) -> dict[str, None]:
    """As listed, and with its numbers in the other kind of digits: 六合彩 as 6合彩, 88彩票 as 八八彩票."""
    ways = dict.fromkeys((term, term.translate(_DIGITS)))
    if sum(map(is_hanzi, term)) > 1 and not all(each in _NUMERAL for each in term):
        ways.setdefault(term.translate(_NUMERALS))
    return ways


def plain_text(term: str) -> str:
    """What carries meaning of a term, strokes left out as they are in texts."""
    return mixed(term).whole or "".join(map(plain, term))


def form_of(term: str) -> Form:
    key = plain_text(term)
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
