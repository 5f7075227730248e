"""Finds terms whose characters are written in parts (拆字): 贝者 for 赌."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import accumulate, islice, pairwise, product
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.reading.characters import ALL_HANZI, Table, each_translated
from moderation.reading.components import apart, decompositions, several, typed, writings
from moderation.reading.ordinary import seldom, words
from moderation.reading.standing import ENDS
from moderation.reading.views import MIXED, hanzi
from moderation.reading.written import CANDIDATES_MAX, LOOKS_MAX, Find, TooMany

_WRITINGS_MAX: Final = 8
_BETWEEN_MAX: Final = 2
_APART: Final = Table(apart)


class Composed:
    """Looks only at texts in which two parts of some term's character stand side by side."""

    def __init__(self, terms: Mapping[int, str]) -> None:
        texts = each_translated(list(terms.values()), MIXED)
        parted = decompositions().keys()
        listed = [
            (name, text)
            for name, text in zip(terms, texts, strict=True)
            if ALL_HANZI.fullmatch(text) and not parted.isdisjoint(text)
        ]
        self._patterns = each_translated([text for _, text in listed], _APART)
        for name, text in listed.copy():
            if not several().isdisjoint(text):
                others = ["".join(way) for way in _ways(text)[1:]]
                self._patterns += others
                listed += [(name, text)] * len(others)
        self._listed = listed
        openings = {opening for character in set("".join(texts)) for opening in _openings(character)}
        self._prefilter = AhoCorasick(sorted(openings)) if openings else None
        self._automaton = AhoCorasick(self._patterns, matchkind=MatchKind.Standard) if self._patterns else None

    def find(self, source: str) -> Iterator[Find]:
        """Raises `TooMany` after what it found."""
        if self._automaton is None or self._prefilter is None:
            return
        view = hanzi(source)
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


def _openings(character: str) -> Iterator[str]:
    for way in decompositions().get(character, ()):
        yield from map("".join, product(*((part, typed(part)) for part in way[:2])))


def _written_together(source: str, places: list[int], apart_ones: list[list[int]]) -> bool:
    """Parts stand side by side, or with one mark between each."""
    if any(
        after - here > 1 + _BETWEEN_MAX or not ENDS.isdisjoint(source[here + 1 : after])
        for here, after in pairwise(places)
    ):
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
