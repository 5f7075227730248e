"""Terms that a text may hold if signs in it are letters: every way to read a text at once, along a sorted list."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from moderation.reading.characters import is_hanzi, is_invisible
from moderation.reading.likeness import likest
from moderation.reading.signs import is_foreign, letters_of

# Before a sign so many characters may belong to the same term; between two of them so much may stand.
_REACH: Final = 24
_BETWEEN_MAX: Final = 8
# What a text made for it can cost: so many steps from one character to the next are taken.
STEPS_MAX: Final = 30_000
# Each way is a text to look at: so many, and so many characters of all together.
WAYS_MAX: Final = 100
_CHARACTERS_MAX: Final = 30_000
# Of a Chinese character among letters so many look-alikes are tried.
_LIKEST: Final = 24
_HIGHEST: Final = "\U0010ffff"
# A letter that nobody has seen yet is any letter, in a term that is long enough to be known by the rest.
_ANY_LETTER: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_KNOWN_EACH: Final = 3
# And only near letters that are known: a word of another script is none of ours.
_NEAR: Final = 8
_ASCII: Final = re.compile("[0-9A-Za-z]")
# Digits as letters, beyond those that every term is looked for with.
_DIGITS: Final = dict(zip("0123456789", ("o", "il", "z", "e", "a", "s", "gb", "t", "b", "gq"), strict=True))


class Reading(NamedTuple):
    """A way to read one character: what it adds to a pattern, and the letter it stands for if it is a sign.

    A `guess` needs more that is known around it.
    """

    shape: str
    letter: str = ""
    guess: bool = False


# Signs read so far: where, as which character of the pattern, as which letter.
Signs = tuple[tuple[int, int, str], ...]
# Where which letter is meant.
Letters = tuple[tuple[int, str], ...]


class _State(NamedTuple):
    """So far the text was read as `prefix`, which patterns `low..high` begin with."""

    at: int
    low: int
    high: int
    prefix: str
    signs: Signs
    guessed: int
    between: int


class TooManyWays(Exception):
    """The text can be read in more ways than are tried."""


class Lattice:
    """Patterns in order, so that those with a common beginning stand side by side."""

    def __init__(self, patterns: Sequence[str], wholes: Sequence[str] | None = None) -> None:
        """`wholes` are the terms in their own letters, where patterns are only what they look like."""
        listed = sorted(set(zip(patterns, wholes or patterns, strict=True)))
        self._patterns = [pattern for pattern, _ in listed]
        self._wholes = [whole for _, whole in listed]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def ways(self, source: str, signs: Sequence[int], shape_of: Callable[[str], str]) -> Iterator[str]:
        """The text with those of its signs as letters that make it hold a term. Raises `TooManyWays`.

        `shape_of` says what a character adds to a pattern.
        """
        walk = _Walk(self._patterns, self._wholes, source, frozenset(signs), shape_of)
        seen: set[Letters] = set()
        after = 0
        for sign in signs:
            for start in range(max(sign - _REACH, after), sign + 1):
                for letters in walk.along(start):
                    if letters not in seen:
                        seen.add(letters)
                        if len(seen) > min(WAYS_MAX, 1 + _CHARACTERS_MAX // len(source)):
                            raise TooManyWays
                        yield _with(source, letters)
            after = sign + 1


class _Walk:
    """One text beside the patterns."""

    def __init__(
        self,
        patterns: list[str],
        wholes: list[str],
        source: str,
        signs: frozenset[int],
        shape_of: Callable[[str], str],
    ) -> None:
        self._patterns = patterns
        self._wholes = wholes
        self._source = source
        self._signs = signs
        self._shape_of = shape_of
        self._readings: dict[int, list[Reading]] = {}
        self._steps = 0

    def along(self, start: int) -> Iterator[Letters]:
        source, patterns, readings = self._source, self._patterns, self._readings
        stack = [_State(start, 0, len(patterns), "", (), 0, 0)]
        while stack:
            at, low, high, prefix, signs, guessed, between = stack.pop()
            if at == len(source):
                continue
            if at not in readings:
                readings[at] = _readings(source, at, at in self._signs, self._shape_of)
            for shape, letter, guess in readings[at]:
                self._steps += 1
                if self._steps > STEPS_MAX:
                    raise TooManyWays
                if not shape:
                    if prefix and between < _BETWEEN_MAX:
                        seen = between + (not is_invisible(source[at]))
                        stack.append(_State(at + 1, low, high, prefix, signs, guessed, seen))
                    continue
                if prefix and shape == prefix[-1]:
                    # A repetition is drawn together.
                    more = (*signs, (at, len(prefix) - 1, letter)) if letter else signs
                    stack.append(_State(at + 1, low, high, prefix, more, guessed, 0))
                    yield from self._whole(low, prefix, more, guessed)
                longer = prefix + shape
                first = bisect_left(patterns, longer, low, high)
                after = bisect_left(patterns, longer + _HIGHEST, first, high)
                also = guessed + guess
                if first < after and also <= 1 + len(prefix) // _KNOWN_EACH:
                    more = (*signs, (at, len(prefix), letter)) if letter else signs
                    stack.append(_State(at + 1, first, after, longer, more, also, 0))
                    yield from self._whole(first, longer, more, also)

    def _whole(self, at: int, pattern: str, signs: Signs, guessed: int) -> Iterator[Letters]:
        """The terms that are `pattern` and nothing more, which stand from `at` on."""
        if signs and guessed * _KNOWN_EACH <= len(pattern):
            for index in range(at, len(self._patterns)):
                if self._patterns[index] != pattern:
                    break
                yield _as_meant(signs, pattern, self._wholes[index])


def _as_meant(signs: Signs, pattern: str, whole: str) -> Letters:
    """Of letters that look the same those of the term: whatever is | in one place is i or l or 1."""
    if len(pattern) != len(whole):
        return tuple((at, letter) for at, _, letter in signs)
    return tuple((at, letter if is_hanzi(letter) else whole[index]) for at, index, letter in signs)


def _with(source: str, letters: Letters) -> str:
    characters = list(source)
    for at, letter in letters:
        characters[at] = letter
    return "".join(characters)


def _readings(source: str, at: int, is_sign: bool, shape_of: Callable[[str], str]) -> list[Reading]:
    character = source[at]
    own = shape_of(character)
    found = [Reading(own)]
    if is_sign:
        if word := is_hanzi(character):
            found += [Reading(shape_of(other), other, guess=True) for other in likest(character)[:_LIKEST]]
        # 口 is a word far more often than an o.
        found += [Reading(shape_of(letter), letter, guess=word) for letter in letters_of(character)]
        found += [Reading(shape_of(letter), letter, guess=True) for letter in _DIGITS.get(character, "")]
        if own and is_foreign(character) and _ASCII.search(source, max(at - _NEAR, 0), at + _NEAR + 1):
            known = {reading.shape for reading in found}
            others = {shape_of(letter): letter for letter in reversed(_ANY_LETTER)}
            found += [Reading(shape, letter, guess=True) for shape, letter in others.items() if shape not in known]
        if own and not character.isalnum():
            found.append(Reading(""))
    return found
