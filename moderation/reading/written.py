"""Finds terms as they are written: every plain variant, repetitions, separators and look-alikes, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.reading.characters import ALL_HANZI, each_translated, is_common, is_hanzi
from moderation.reading.lattice import Lattice, TooManyWays
from moderation.reading.likeness import closest_shapes, likeable, likest_shapes
from moderation.reading.ordinary import seldom
from moderation.reading.signs import in_its_own_script, signs_in
from moderation.reading.standing import Form, Sighting, latin, may_stand, stands, stands_in_letters
from moderation.reading.views import MIXED, MIXED_SHAPES, View, drawn_together, hanzi, mixed

# Term, start, end.
Find = tuple[int, int, int]
# What a text made for it can cost: so many places are glanced at, so many of them looked at closely. Either is more
# than any text can mean.
CANDIDATES_MAX: Final = 20_000
LOOKS_MAX: Final = 2_000
# Patterns for look-alikes: they are what a list takes to build, and nobody else runs meanwhile.
PATTERNS_MAX: Final = 100_000
LIKEST_MAX: Final = 72
# Of what the mainland's everyday character set has.
_DRESSED: Final = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2160-\u216b\u2460-\u249b\u0391-\u0451]")
_LETTER_OR_NUMBER: Final = re.compile(
    "[0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2160-\u216b\u2460-\u249b\u0391-\u0451]"
)
_LATIN_OR_DIGIT: Final = re.compile("[0-9a-z]")
_NUMERALS: Final = str.maketrans("零〇一二三四五六七八九两幺", "0012345678921")
_NUMERAL: Final = re.compile("[零〇一二三四五六七八九两幺0-9]")
_DIGITS: Final = str.maketrans("0123456789", "零一二三四五六七八九")


class TooMany(Exception):
    """Not everything in the text that may be a term was looked at: nobody can say that nothing stands there."""


class Written:
    """Terms of Chinese characters only, or with letters and numbers; each kind has its view of the text."""

    def __init__(self, terms: Mapping[int, str], likest: int = LIKEST_MAX) -> None:
        """`terms` in their own writing, without line breaks, by what they are called in the answer.

        Of each of their characters the `likest` ones are looked for in its place.
        """
        entries = _entries(list(terms), list(terms.values()))
        numbered = [(name, way) for name, term in terms.items() if _NUMERAL.search(term) for way in _numbered(term)]
        others = _entries([name for name, _ in numbered], [way for _, way in numbered])
        self._hanzi = _Shapes([entry for entry in (*entries, *others) if ALL_HANZI.fullmatch(entry.whole)], likest)
        self._mixed = _Shapes([entry for entry in entries if not ALL_HANZI.fullmatch(entry.whole)], likest)
        self._numbered = _Shapes([entry for entry in others if not ALL_HANZI.fullmatch(entry.whole)], likest)
        signed = [entry for entry in entries if _LATIN_OR_DIGIT.search(entry.whole)]
        self._signed = Lattice([entry.shape for entry in signed], [entry.whole for entry in signed])

    def find(self, source: str) -> Iterator[Find]:
        """Raises `TooMany` after what it found."""
        if self._hanzi:
            for name, sighting in self._hanzi.sightings(source, hanzi(source)):
                if stands(sighting):
                    yield name, sighting.start, sighting.end
        common = is_common(source)
        signs = signs_in(source) if self._signed else []
        if common and not signs and not _LETTER_OR_NUMBER.search(source):
            return
        if self._mixed:
            yield from self._among_letters(source, source)
            try:
                for way in self._signed.ways(source, signs, _shape_of):
                    yield from self._among_letters(source, way)
            except TooManyWays:
                raise TooMany from None
        if self._numbered and (self._mixed or not common or self._numbered.plainly_in(source)):
            yield from _in_letters(self._numbered, source)

    def _among_letters(self, source: str, way: str) -> Iterator[Find]:
        """In the text as it is written, or in one of the `way`s to read it."""
        for name, start, end in _in_letters(self._mixed, way):
            if not in_its_own_script(source, start, end):
                yield name, start, end


def _shape_of(character: str) -> str:
    return MIXED_SHAPES[ord(character)]


def _in_letters(shapes: _Shapes, source: str) -> Iterator[Find]:
    for name, sighting in shapes.sightings(source, mixed(source)):
        if stands_in_letters(sighting):
            yield name, sighting.start, sighting.end


class _Entry(NamedTuple):
    """A writing of a term: its name, itself, what is kept of it, and what that looks like."""

    name: int
    writing: str
    whole: str
    shape: str


def _entries(names: list[int], ways: list[str]) -> list[_Entry]:
    if not ways:
        return []
    wholes = each_translated(ways, MIXED)
    shapes = drawn_together("\n".join(each_translated(ways, MIXED_SHAPES))).split("\n")
    pure = [index for index, whole in enumerate(wholes) if ALL_HANZI.fullmatch(whole)]
    drawn = drawn_together("\n".join(wholes[index] for index in pure)).split("\n")
    for index, shape in zip(pure, each_translated(drawn, MIXED_SHAPES), strict=bool(pure)):
        shapes[index] = shape
    return list(map(_Entry, names, ways, wholes, shapes))


def likest_of(characters: int) -> int:
    """How many look-alikes of each character a list of so many characters has room for."""
    return min(LIKEST_MAX, PATTERNS_MAX // max(characters, 1))


def _taken_for(entries: Sequence[_Entry], each: int) -> Iterator[_Entry]:
    """With one character in the shape of another that could be taken for it."""
    if not each:
        return
    for entry in entries:
        if len(entry.whole) == len(entry.shape):
            shapes_like = likest_shapes if len(entry.whole) > 2 else closest_shapes
            for index, character in enumerate(entry.whole):
                for shape in shapes_like(character)[:each]:
                    changed = entry.shape[:index] + shape + entry.shape[index + 1 :]
                    yield entry._replace(shape=changed)


class _Anchors:
    """Terms of three characters and more, several of which may be others: two neighbours, one of them as meant."""

    def __init__(self, entries: Sequence[_Entry], likest: int) -> None:
        listed = [entry for entry in entries if len(entry.whole) == len(entry.shape) > 2]
        listed = [entry for entry in listed if ALL_HANZI.fullmatch(entry.whole)]
        self._entries: list[tuple[_Entry, int]] = []
        patterns: list[str] = []
        for entry in listed if likest else ():
            # Twice as many patterns as for one character in each.
            others = [likest_shapes(character)[: likest // 2] for character in entry.whole]
            for at, (here, after) in enumerate(pairwise(entry.shape)):
                pairs = [here + after, *(here + other for other in others[at + 1])]
                pairs += [other + after for other in others[at]]
                patterns += pairs
                self._entries += [(entry, at)] * len(pairs)
        self._automaton = _automaton(patterns)

    def sightings(self, source: str, view: View) -> Iterator[tuple[int, Sighting]]:
        if self._automaton is None:
            return
        found = self._automaton.find_matches_as_indexes(view.shape, overlapping=True)
        if not found:
            return
        text = view.text
        looks = 0
        for index, start, _ in found[:CANDIDATES_MAX]:
            entry, at = self._entries[index]
            begin = start - at
            here = text[begin : begin + len(entry.whole)] if begin >= 0 else ""
            if len(here) == len(entry.whole) and _could_be_taken_for(here, entry.whole):
                looks += 1
                if looks > LOOKS_MAX:
                    raise TooMany
                form = form_of(entry.writing)
                yield entry.name, Sighting(source, form, here, view.runs_of(begin, begin + len(here)))
        if len(found) > CANDIDATES_MAX:
            raise TooMany


def _could_be_taken_for(here: str, meant: str) -> bool:
    """Several characters are others, each of which could be taken for the one that is meant."""
    differing = [(each, other) for each, other in zip(here, meant, strict=True) if each != other]
    if len(differing) < 2 or not all(likeable(each, other) for each, other in differing):
        return False
    return len(differing) * 2 <= len(meant) + 1 or seldom("".join(each for each, _ in differing))


class _Shapes:
    """Terms by what they look like."""

    def __init__(self, entries: Sequence[_Entry], likest: int) -> None:
        # What is but one character, once or repeated, would be a candidate wherever that stands.
        self._alone = _Whole([entry for entry in entries if len(entry.shape) == 1])
        longer = [entry for entry in entries if len(entry.shape) > 1]
        self._anchors = _Anchors(longer, likest)
        longer = [*longer, *_taken_for(longer, likest)]
        self._names = [entry.name for entry in longer]
        self._writings = [entry.writing for entry in longer]
        self._wholes = [entry.whole for entry in longer]
        self._automaton = _automaton([entry.shape for entry in longer])

    def __bool__(self) -> bool:
        return self._automaton is not None or bool(self._alone)

    def plainly_in(self, source: str) -> bool:
        """Whether one stands there letter for letter; a text in full-width or circled digits may hold any."""
        if _DRESSED.search(source):
            return True
        return self._plain is not None and bool(self._plain.find_matches_as_indexes(source))

    @cached_property
    def _plain(self) -> AhoCorasick | None:
        return _automaton(self._wholes)

    def sightings(self, source: str, view: View) -> Iterator[tuple[int, Sighting]]:
        if self._alone.concerns(view):
            yield from self._alone.sightings(source, view)
        found = [] if self._automaton is None else self._automaton.find_matches_as_indexes(view.shape, overlapping=True)
        if found:
            yield from self._looked_at(source, view, found)
        yield from self._anchors.sightings(source, view)

    def _looked_at(self, source: str, view: View, found: list[tuple[int, int, int]]) -> Iterator[tuple[int, Sighting]]:
        text, wholes = view.text, self._wholes
        looks = 0
        for index, start, end in found[:CANDIDATES_MAX]:
            here = text[start:end]
            if here == wholes[index] or may_stand(here, wholes[index], text, start):
                looks += 1
                if looks > LOOKS_MAX:
                    raise TooMany
                form = form_of(self._writings[index])
                yield self._names[index], Sighting(source, form, here, view.runs_of(start, end))
        if len(found) > CANDIDATES_MAX:
            raise TooMany


class _Whole:
    """Terms of one character, exactly so and so often."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self._names = [entry.name for entry in entries]
        self._texts = [entry.whole for entry in entries]
        self._automaton = _automaton(self._texts)
        self._single = any(len(text) == 1 for text in self._texts)

    def __bool__(self) -> bool:
        return self._automaton is not None

    def concerns(self, view: View) -> bool:
        """Only where something is repeated can such a term be, unless it is a single character."""
        return self._automaton is not None and (view.drawn or self._single)

    def sightings(self, source: str, view: View) -> Iterator[tuple[int, Sighting]]:
        assert self._automaton is not None
        found = self._automaton.find_matches_as_indexes(view.whole, overlapping=True)
        places = view.places if found else []
        for index, start, end in found[:LOOKS_MAX]:
            text = self._texts[index]
            runs = [(place, place, 1) for place in places[start:end]]
            yield self._names[index], Sighting(source, Form(text, text), text, runs)
        if len(found) > LOOKS_MAX:
            raise TooMany


def _automaton(patterns: list[str]) -> AhoCorasick | None:
    return AhoCorasick(patterns, matchkind=MatchKind.Standard) if patterns else None


def _numbered(term: str) -> list[str]:
    """Its numbers in the other kind of digits: 六合彩 as 6合彩, 88彩票 as 八八彩票."""
    ways = [term.translate(_DIGITS)]
    if sum(map(is_hanzi, term)) > 1 and not all(map(_NUMERAL.match, term)):
        ways.append(term.translate(_NUMERALS))
    return [way for way in ways if way != term]


def plain_text(term: str) -> str:
    """What carries meaning of a term, strokes left out as they are in texts."""
    return mixed(term).whole


@lru_cache(maxsize=16_384)
def form_of(term: str) -> Form:
    """What a term is looked for as."""
    view = mixed(term)
    whole = view.whole
    if ALL_HANZI.fullmatch(whole):
        view = hanzi(term)
    if not view.drawn and term.isalnum() and len(whole) == len(term):
        return Form(whole, view.shape)
    counts = tuple(run[2] for run in view.runs) if view.drawn else None
    # Where a term itself is written apart ("free taxi"), its parts may stand apart.
    gaps = frozenset(
        index
        for index, (here, after) in enumerate(pairwise(view.runs))
        if after[0] - here[1] > 1 and latin(view.text[index])
    )
    return Form(view.text, view.shape, counts, gaps, whole)
