"""Finds terms whose characters are written in parts (拆字): 贝者 for 赌."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import accumulate, islice, pairwise, product
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.reading.characters import ALL_HANZI, Table, each_translated
from moderation.reading.components import apart, decompositions, openings, several, writings
from moderation.reading.ordinary import seldom, words
from moderation.reading.standing import BREAKS, ENDS, runs_on
from moderation.reading.views import MIXED, View, drawn_out, hanzi, mixed, whole_run
from moderation.reading.written import CANDIDATES_MAX, LOOKS_MAX, Find, TooMany

_WRITINGS_MAX: Final = 8
_BETWEEN_MAX: Final = 2
_APART: Final = Table(apart)


class Composed:
    """Looks only at texts in which two parts of some term's character stand side by side."""

    def __init__(self, terms: Mapping[int, str]) -> None:
        texts = each_translated(list(terms.values()), MIXED)
        parted = decompositions().keys()
        listed = [(name, text) for name, text in zip(terms, texts, strict=True) if not parted.isdisjoint(text)]
        self._pure = _Apart([(name, text) for name, text in listed if ALL_HANZI.fullmatch(text)])
        self._with_letters = _Apart([(name, text) for name, text in listed if not ALL_HANZI.fullmatch(text)])

    def find(self, source: str) -> Iterator[Find]:
        """Raises `TooMany` after what it found."""
        for way in (source, *drawn_out(source)):
            for parts, view in ((self._pure, hanzi(way)), (self._with_letters, mixed(way))):
                for name, start, end in parts.find(way, view) if parts else ():
                    yield name, start, whole_run(source, way, end)


class _Apart:
    """Terms in their parts, in one view of the text."""

    def __init__(self, listed: list[tuple[int, str]]) -> None:
        self._patterns = each_translated([text for _, text in listed], _APART)
        beginnings = set().union(*map(openings, {*"".join(text for _, text in listed)}))
        for name, text in listed.copy():
            if not several().isdisjoint(text):
                others = ["".join(way) for way in _ways(text)[1:]]
                self._patterns += others
                listed += [(name, text)] * len(others)
        self._listed = listed
        self._prefilter = AhoCorasick(sorted(beginnings)) if beginnings else None
        self._automaton = AhoCorasick(self._patterns, matchkind=MatchKind.Standard) if self._patterns else None

    def __bool__(self) -> bool:
        return self._automaton is not None and self._prefilter is not None

    def find(self, source: str, view: View) -> Iterator[Find]:
        assert self._automaton is not None
        assert self._prefilter is not None
        if not self._prefilter.find_matches_as_indexes(view.whole):
            return
        pieces = [_APART[ord(character)] for character in view.whole]
        starts = [0, *accumulate(map(len, pieces))]
        whole_at = {start: index for index, start in enumerate(starts)}
        found = self._automaton.find_matches_as_indexes("".join(pieces), overlapping=True)
        looks = 0
        for index, start, end in found[:CANDIDATES_MAX]:
            name, text = self._listed[index]
            joints = _joints(text, self._patterns[index])
            # A character of the text is at most one of the term: parts do not reach across.
            if all(start + joint in whole_at for joint in joints):
                first, after = whole_at[start], whole_at[end]
                bounds = [whole_at[start + joint] for joint in joints]
                apart_ones = [view.places[here:joint] for here, joint in pairwise(bounds) if joint - here > 1]
                if not apart_ones:
                    continue
                looks += 1
                if looks > LOOKS_MAX:
                    raise TooMany
                if _written_together(source, view.places[first:after], apart_ones):
                    yield name, view.places[first], view.places[after - 1] + 1
        if len(found) > CANDIDATES_MAX:
            raise TooMany


def _ways(text: str) -> list[tuple[str, ...]]:
    ways = [dict.fromkeys((apart(character), *writings(character))) for character in text]
    return list(islice(product(*ways), _WRITINGS_MAX))


@lru_cache(maxsize=4_096)
def _joints(text: str, pattern: str) -> tuple[int, ...]:
    """Where each character of a term begins in its parts, and their end."""
    way = next(way for way in _ways(text) if "".join(way) == pattern)
    return tuple(accumulate(map(len, way), initial=0))


def _written_together(source: str, places: list[int], apart_ones: list[list[int]]) -> bool:
    """Parts stand side by side, or with one mark between each."""
    gaps = [source[here + 1 : after] for here, after in pairwise(places)]
    parting = ENDS
    if all(not BREAKS.isdisjoint(seen) for seen in gaps):
        # A line for each part is no end of a sentence.
        parting = ENDS - BREAKS
    elif len(gaps) > _BETWEEN_MAX and len(set(gaps)) == 1:
        # Nor is the same mark after each.
        parting = frozenset()
    if any(len(seen) > _BETWEEN_MAX + 1 or not parting.isdisjoint(seen) for seen in gaps):
        return False
    if runs_on(source, places[0] - 1, places[0]) or runs_on(source, places[-1], places[-1] + 1):
        return False
    cut = words(source, places[0], places[-1] + 1)
    if len(places) == 2 and not seldom("".join(source[at] for at in places)):
        return False
    # 女子 is a word, and no 好.
    if all(cut.within(parts[0], parts[0], parts[-1] + 1) and not cut.alone(parts[0]) for parts in apart_ones):
        return False
    # No dictionary word goes across the edge; if one does, the parts must be outside of all words.
    return (cut.begins(places[0]) and cut.ends(places[-1])) or all(
        cut.alone(at) for parts in apart_ones for at in parts
    )
