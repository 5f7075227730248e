"""Finds terms whose characters are spelled in pinyin, all of them or some: dubo, dǔ bó, du博."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate, islice, pairwise, product
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.reading.characters import ALL_HANZI, each_translated, is_common, is_hanzi, is_invisible, plain
from moderation.reading.lattice import Lattice, TooManyWays
from moderation.reading.likeness import likeable
from moderation.reading.ordinary import is_word, words
from moderation.reading.signs import signs_in
from moderation.reading.sounds import SEVERAL, SPELLINGS, all_syllables, sounds_like, syllables
from moderation.reading.standing import BREAKS, ENDS
from moderation.reading.views import MIXED, View, drawn_out, mixed, whole_run
from moderation.reading.written import CANDIDATES_MAX, LOOKS_MAX, Find, TooMany

_READINGS_MAX: Final = 4
# Shorter spellings are too much like anything.
_LETTERS_MIN: Final = 4
# A sentence all in pinyin without blanks; shorter runs are the term alone.
_SENTENCE_MIN: Final = 8
_SENTENCE_MAX: Final = 64
# Characters around letters that may belong to the same term.
_REACH: Final = 12
_BETWEEN_MAX: Final = 4
_MARKS_MAX: Final = 2
_PARTING: Final = ENDS - BREAKS - set(".,，、：:")
_JOINS: Final = frozenset("-/'’&+._")
_LETTERS: Final = re.compile(r"[a-z]+")
_ANY_LETTER: Final = re.compile(r"[A-Za-z\uff21-\uff5a\u0370-\u052f]")
# What is repeated is looked for in longer spellings only.
_DRAWN_MIN: Final = 6
_BESIDE_LETTERS: Final = re.compile(r"[\u4e00-\u9fff](?=[^\w\s]{0,2}[A-Za-z]{2})|(?<=[A-Za-z]{2})[\u4e00-\u9fff]")
# English that can be read as pinyin.
_ENGLISH_WORDS: Final = """
made make take like game name same came case base sale male date late gate hate mate site bite line mine nine
size bike side tide lake pale change manage page media banana panda canada data lane mode dude rude nude women
huge sense wage cage rage sage shade bade wade fade tape cape nape wipe gape dance lance chance banner manner
hotel legal menu guide linen tuna pine wine dine lime time dime mile pile tile bile sane cane mane wane dane
pane bane ale
"""
# Characters whose reading has a ü.
_DOTTED: Final = frozenset("女律绿率虑旅吕铝履缕屡侣驴滤氯捋掠略虐")
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())


class Spelling(NamedTuple):
    """One way to spell a term; `joints` are where each of its characters begins, and its end."""

    term: str
    joints: tuple[int, ...]


class Spelled:
    """Looks only around Latin letters."""

    def __init__(self, terms: Mapping[int, str]) -> None:
        texts = each_translated(list(terms.values()), MIXED)
        listed = [
            (name, text) for name, text in zip(terms, texts, strict=True) if len(text) > 1 and ALL_HANZI.fullmatch(text)
        ]
        letters = each_translated([text for _, text in listed], SPELLINGS)
        for name, text in listed.copy():
            if not SEVERAL.isdisjoint(text) or not _DOTTED.isdisjoint(text):
                others = _spellings(text)[1:]
                letters += map("".join, others)
                listed += [(name, text)] * len(others)
        kept = [at for at, written in enumerate(letters) if len(written) >= _LETTERS_MIN]
        self._letters = [letters[at] for at in kept]
        self._listed = [listed[at] for at in kept]
        self._automaton = AhoCorasick(self._letters, matchkind=MatchKind.Standard) if kept else None
        self._signed = Lattice(self._letters)

    def find(self, source: str) -> Iterator[Find]:
        """Raises `TooMany` after what it found."""
        if self._automaton is None:
            return
        signs = [at for at in signs_in(source) if not is_hanzi(source[at])]
        signs += [match.start() for match in _BESIDE_LETTERS.finditer(source) if _out_of_words(source, match.start())]
        signs.sort()
        if not signs and is_common(source) and not _ANY_LETTER.search(source):
            return
        seen = set(self._spelled_in(source))
        yield from sorted(seen)
        for way in drawn_out(source) if _ANY_LETTER.search(source) else ():
            for name, start, end in self._spelled_in(way, _DRAWN_MIN):
                yield name, start, whole_run(source, way, end)
        try:
            for way in self._signed.ways(source, signs, _said):
                yield from (each for each in self._spelled_in(way) if each not in seen)
        except TooManyWays:
            raise TooMany from None

    def _spelled_in(self, source: str, least: int = _LETTERS_MIN) -> Iterator[Find]:
        assert self._automaton is not None
        text = _Letters(source)
        found = self._automaton.find_matches_as_indexes(text.letters, overlapping=True) if text.letters else []
        looks = 0
        for index, start, end in found[:CANDIDATES_MAX]:
            name, term = self._listed[index]
            if end - start >= least and text.has_latin(start, end):
                looks += 1
                if looks > LOOKS_MAX:
                    raise TooMany
                span = text.spelled_out(_spelling(term, self._letters[index]), start, end)
                if span is not None:
                    yield name, *span
        if len(found) > CANDIDATES_MAX:
            raise TooMany


def _out_of_words(source: str, at: int) -> bool:
    """Whether a Chinese character makes no word with either neighbour: it may be one that looks like it."""
    return not (is_word(source[max(at - 1, 0) : at + 1]) or is_word(source[at : at + 2]))


def _said(character: str) -> str:
    """What a character adds to a spelling; a digit nothing, unless it is read as a letter."""
    kept = MIXED[ord(character)]
    return "".join(SPELLINGS[ord(each)] if is_hanzi(each) else each for each in kept if not each.isdigit())


def _spellings(term: str) -> list[tuple[str, ...]]:
    # ü is typed as v, or loses its dots.
    said = [
        dict.fromkeys(way for each in syllables(character) for way in (each, each.replace("v", "u")))
        for character in term
    ]
    return list(islice(product(*said), _READINGS_MAX))


@lru_cache(maxsize=4_096)
def _spelling(term: str, letters: str) -> Spelling:
    way = next(way for way in _spellings(term) if "".join(way) == letters)
    return Spelling(term, tuple(accumulate(map(len, way), initial=0)))


class _Letters:
    """What stands around letters, every Chinese character in its spelling."""

    def __init__(self, source: str) -> None:
        self._source = source
        view: View = mixed(source)
        self._whole = view.whole
        self._places = view.places
        pieces: list[str] = []
        # Which character of `whole` each letter comes from; -1 between places far apart.
        self._origin: list[int] = []
        for start, end in _around(self._whole):
            for index in range(start, end):
                character = self._whole[index]
                if not character.isdigit():
                    piece = SPELLINGS[ord(character)] if is_hanzi(character) else character
                    pieces.append(piece)
                    self._origin += [index] * len(piece)
            pieces.append("\n")
            self._origin.append(-1)
        self.letters = "".join(pieces)

    def has_latin(self, start: int, end: int) -> bool:
        return any(not is_hanzi(self._whole[self._origin[at]]) for at in range(start, end))

    def spelled_out(self, spelling: Spelling, start: int, end: int) -> tuple[int, int] | None:
        """Where the term stands in the source, if it is meant: whole syllables, whole words, little between."""
        joints = {start + joint: number for number, joint in enumerate(spelling.joints)}
        letters: list[int] = []
        at = start
        while at < end:
            index = self._origin[at]
            character = self._whole[index]
            after = at + 1
            if is_hanzi(character):
                after = at + self._origin[at : at + 8].count(index)
                if not self._is(character, spelling, joints.get(at), joints.get(after)):
                    return None
            else:
                letters.append(at)
            at = after
        if not (letters and self._spelled_well(letters, joints, start, end) and self._together(start, end)):
            return None
        first, last = self._places[self._origin[start]], self._places[self._origin[end - 1]]
        return (first, last + 1) if self._cut_out(start, end, first, last) else None

    def _spelled_well(self, letters: list[int], joints: dict[int, int], start: int, end: int) -> bool:
        """Letter by letter, or in whole syllables, which marks other than a hyphen may break up: qi~ng."""
        runs = _runs(letters, self._touch)
        if all(after - at == 1 for at, after in runs) and (len(letters) < end - start or len(runs) >= _LETTERS_MIN):
            return len(runs) > 1 and not (self._letter_touches(start - 1, start) or self._letter_touches(end, end - 1))
        return (
            self._whole_words(runs, joints, start, end)
            or self._whole_words(_runs(letters, self._broken), joints, start, end)
            or (
                end - start > _LETTERS_MIN
                and not self._among_letters(start, end)
                and self._whole_words(_runs(letters, self._parted), joints, start, end)
            )
        )

    def _is(self, character: str, spelling: Spelling, number: int | None, following: int | None) -> bool:
        """Whether a Chinese character stands for exactly that character of the term."""
        if number is None or following != number + 1:
            return False
        meant = spelling.term[number]
        return character == meant or (
            (len(spelling.term) > 2 or likeable(character, meant)) and sounds_like(character, meant)
        )

    def _touch(self, here: int, after: int) -> bool:
        """Whether nothing to be seen stands between two letters."""
        first, last = self._places[self._origin[here]], self._places[self._origin[after]]
        return last - first <= 1 or all(map(is_invisible, self._source[first + 1 : last]))

    def _broken(self, here: int, after: int) -> bool:
        """Whether two letters of one syllable are kept apart by a mark or two that nobody sets between letters."""
        first, last = self._places[self._origin[here]], self._places[self._origin[after]]
        seen = [each for each in self._source[first + 1 : last] if not is_invisible(each)]
        return len(seen) <= _MARKS_MAX and not any(each.isspace() or plain(each) or each in _JOINS for each in seen)

    def _parted(self, here: int, after: int) -> bool:
        """Whether nothing but one blank stands between two letters: zh idu."""
        first, last = self._places[self._origin[here]], self._places[self._origin[after]]
        seen = [each for each in self._source[first + 1 : last] if not is_invisible(each)]
        return len(seen) <= 1 and all(each.isspace() and each not in BREAKS for each in seen)

    def _among_letters(self, start: int, end: int) -> bool:
        """Whether other words in letters stand beside it, where blanks part words."""
        first, last = self._places[self._origin[start]], self._places[self._origin[end - 1]]
        sides = self._source[max(first - _REACH, 0) : first].rstrip()[-1:], self._source[last + 1 :].lstrip()[:1]
        return any(each.isascii() and each.isalpha() for each in sides)

    def _whole_words(self, runs: list[tuple[int, int]], joints: dict[int, int], start: int, end: int) -> bool:
        for at, after in runs:
            if at not in joints or after not in joints or after - at == 1:
                return False
            if self.letters[at:after] in _ENGLISH:
                return False
        return self._edge(runs[0][0], start, -1) and self._edge(runs[-1][1] - 1, end - 1, 1)

    def _letter_touches(self, outside: int, inside: int) -> bool:
        if not 0 <= outside < len(self._origin) or self._origin[outside] < 0:
            return False
        if is_hanzi(self._whole[self._origin[outside]]):
            return False
        return self._touch(min(outside, inside), max(outside, inside))

    def _edge(self, letter: int, edge: int, step: int) -> bool:
        """A run of letters ends with the term, or goes on in pinyin to be a sentence."""
        if letter != edge or not self._letter_touches(edge + step, edge):
            return True
        at = edge
        while abs(at - edge) <= _SENTENCE_MAX and self._letter_touches(at + step, at):
            at += step
        beyond = self.letters[at:edge] if step < 0 else self.letters[edge + 1 : at + 1]
        return len(beyond) + 4 >= _SENTENCE_MIN and len(beyond) <= _SENTENCE_MAX and is_pinyin(beyond)

    def _together(self, start: int, end: int) -> bool:
        """Little between one syllable and the next, and no end of a sentence; a line for each is none."""
        places = list(dict.fromkeys(self._places[self._origin[at]] for at in range(start, end)))
        gaps = [
            [each for each in self._source[here + 1 : after] if not is_invisible(each)]
            for here, after in pairwise(places)
        ]
        upright = all(not BREAKS.isdisjoint(seen) for seen in gaps)
        parting = _PARTING if upright else _PARTING | BREAKS
        # Every letter apart from the next by the same full stop is no sentence each.
        if len({*map("".join, gaps)}) == 1 and len(gaps) > _BETWEEN_MAX:
            parting = frozenset()
        return all(len(seen) <= _BETWEEN_MAX and parting.isdisjoint(seen) for seen in gaps)

    def _cut_out(self, start: int, end: int, first: int, last: int) -> bool:
        """Chinese characters at the edges are not the end or the beginning of other words."""
        cut = words(self._source, first, last + 1)
        left, right = self._whole[self._origin[start]], self._whole[self._origin[end - 1]]
        return (not is_hanzi(left) or cut.begins(first)) and (not is_hanzi(right) or cut.ends(last))


def _runs(letters: list[int], touch: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    """Letters that follow one another and touch, as stretches."""
    found: list[tuple[int, int]] = []
    for at in letters:
        if found and found[-1][1] == at and touch(at - 1, at):
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found


def _around(whole: str) -> Iterator[tuple[int, int]]:
    """Stretches near letters, apart from each other."""
    start = end = -1
    for match in _LETTERS.finditer(whole):
        if start < 0 or match.start() - _REACH > end:
            if start >= 0:
                yield start, end
            start = max(match.start() - _REACH, 0)
        end = min(match.end() + _REACH, len(whole))
    if start >= 0:
        yield start, end


@lru_cache(maxsize=4_096)
def is_pinyin(letters: str) -> bool:
    """Whether letters can be read as syllables from end to end."""
    reachable = {0}
    for at in range(len(letters)):
        if at in reachable:
            reachable.update(
                end for end in range(at + 1, min(at + 6, len(letters)) + 1) if letters[at:end] in all_syllables()
            )
    return len(letters) in reachable
