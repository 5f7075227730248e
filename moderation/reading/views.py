"""A text as a matcher sees it: what does not matter left out, repetitions drawn together, origins remembered."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from moderation.reading.characters import STROKES, TABLE_MAX, Table, is_common, is_hanzi, plain
from moderation.reading.lookalikes import alike
from moderation.reading.twins import as_chinese

_TWICE: Final = re.compile(r"(.)\1", re.DOTALL)
_REPEATED: Final = re.compile(r"(.)\1+", re.DOTALL)
_REPEATED_IN_LINE: Final = re.compile(r"(.)\1+")
# The everyday ones without strokes, as ranges: a class of ranges is the quickest there is.
_BOUNDS = [0x4DFF, *sorted(map(ord, STROKES)), 0xA000]
_COMMON_HANZI: Final = re.compile(
    "[" + "".join(f"{chr(low + 1)}-{chr(high - 1)}" for low, high in pairwise(_BOUNDS) if high - low > 1) + "]+"
)
# The first and the last character of the source that one character of a view stands for, and how many it was.
Run = tuple[int, int, int]


class View:
    """`shape` is what the text looks like, nothing twice in a row; the rest is worked out when something was found."""

    __slots__ = ("_places", "_repeated", "_source", "_spans", "_table", "_text", "_whole", "shape")

    def __init__(self, source: str, table: Table, shapes: Table | _Shapes) -> None:
        """`table` says what is kept of each character, `shapes` what that looks like, one for one.

        Chinese characters that only look alike are no repetition; among letters and digits 9q is as good as qq.
        """
        self._source = source
        self._table = table
        self._whole: str | None = None
        self._spans: list[tuple[int, int]] | None = None
        self._text: str | None = None
        self._places: list[int] | None = None
        # The shorter text of the two has the same shape, and is needed as soon as anything is found.
        if table is HANZI and isinstance(shapes, _Shapes) and is_common(source):
            self._whole = "".join(_COMMON_HANZI.findall(source))
            shape = shapes.of_common(self._whole)
        else:
            shape = source.translate(shapes)
        # What is repeated looks repeated in any case, and many texts have neither.
        self._repeated: list[tuple[int, int]] = []
        if _TWICE.search(shape):
            repeated = self.whole if table is HANZI else shape
            self._repeated = [match.span() for match in _REPEATED.finditer(repeated)]
        self.shape = self._draw(shape) if self._repeated else shape

    @property
    def drawn(self) -> bool:
        """Whether something was repeated, and is drawn together."""
        return bool(self._repeated)

    @property
    def whole(self) -> str:
        """What is kept of the source, repetitions and all."""
        if self._whole is None:
            if self._plainly_hanzi:
                self._whole = "".join(_COMMON_HANZI.findall(self._source))
            else:
                self._whole = self._source.translate(self._table)
        return self._whole

    @property
    def _plainly_hanzi(self) -> bool:
        """Nothing to do but to leave out what is no Chinese character: so are nearly all texts."""
        return self._table is HANZI and is_common(self._source)

    @property
    def text(self) -> str:
        """What is kept, character for character of `shape`: of a repetition the first."""
        if self._text is None:
            self._text = self._draw(self.whole)
        return self._text

    @property
    def places(self) -> list[int]:
        """Where each character of `whole` stood."""
        if self._places is None:
            if self._plainly_hanzi:
                self._places = [at for match in _COMMON_HANZI.finditer(self._source) for at in range(*match.span())]
            else:
                table = self._table
                self._places = [index for index, code in enumerate(map(ord, self._source)) for _ in table[code]]
        return self._places

    @property
    def runs(self) -> list[Run]:
        """Where each character of `text` stood."""
        return self.runs_of(0, len(self.text))

    def runs_of(self, start: int, end: int) -> list[Run]:
        """Where the characters `start..end` of `text` stood."""
        places = self.places
        if not self.drawn:
            return [(place, place, 1) for place in places[start:end]]
        return [(places[first], places[last], last - first + 1) for first, last in self._wholes[start:end]]

    @property
    def _wholes(self) -> list[tuple[int, int]]:
        """The first and the last character of `whole` behind each of `text`."""
        if self._spans is None:
            found: list[tuple[int, int]] = []
            at = 0
            for first, after in self._repeated:
                found += [(index, index) for index in range(at, first)]
                found.append((first, after - 1))
                at = after
            found += [(index, index) for index in range(at, len(self.whole))]
            self._spans = found
        return self._spans

    def _draw(self, whole: str) -> str:
        if not self._repeated:
            return whole
        pieces: list[str] = []
        at = 0
        for first, last in self._repeated:
            pieces.append(whole[at : first + 1])
            at = last
        pieces.append(whole[at:])
        return "".join(pieces)


def drawn_together(text: str) -> str:
    """Nothing twice in a row; line breaks do not count."""
    return _REPEATED_IN_LINE.sub(r"\1", text)


# Of letters and Chinese characters, the case aside.
_REPEATED_LETTER: Final = re.compile(r"([^\W\d_])\1+", re.IGNORECASE)
_DOUBLED_LETTER: Final = re.compile(r"([^\W\d_])\1", re.IGNORECASE)
_UNSEEN: Final = "\u200b"


def drawn_out(source: str) -> list[str]:
    """The text with what is doubled, and with whatever is repeated, written once; what is left out is invisible."""
    if not _DOUBLED_LETTER.search(source):
        return []
    return list(
        dict.fromkeys(
            pattern.sub(lambda match: match[1] + _UNSEEN * (len(match[0]) - 1), source)
            for pattern in (_DOUBLED_LETTER, _REPEATED_LETTER)
        )
    )


# Emoji that show a character or letters: 🀄 is 中, and a mark between others as any emoji is.
_SHOWN: Final = re.compile("[\U0001f000-\U0001f2ffⓂ㊗㊙]")


def ways_to_see(source: str) -> list[str]:
    """The text as it is; without the signs that show a character, and with those of kana and the like as such."""
    ways = [source]
    if not is_common(source) and _SHOWN.search(source):
        ways.append(_SHOWN.sub(_UNSEEN, source))
    if (chinese := as_chinese(source)) is not None:
        ways.append(chinese)
    return ways


def whole_run(source: str, way: str, end: int) -> int:
    """`end`, and what `drawn_out` left out behind it."""
    while end < len(way) and way[end] == _UNSEEN != source[end]:
        end += 1
    return end


def _only_hanzi(character: str) -> str:
    return "".join(kept for kept in plain(character) if is_hanzi(kept) and kept not in STROKES)


def _letters_too(character: str) -> str:
    return "".join(kept for kept in plain(character) if kept not in STROKES)


# No character: `str.translate` refuses it.
_NOT_KNOWN: Final = 0x110000
_BASIC_PLANE: Final = 0x10000


# Digits and letters taken for each other.
_LEET: Final = dict(zip("01i3456789q", "olleasgtbgg", strict=True))


def _shape_of_letters(character: str) -> str:
    return "".join(_LEET.get(kept) or alike(kept) for kept in MIXED[ord(character)])


class _Shapes(dict[int, int | str | None]):
    """What is kept of each character looks like; as numbers, which `str.translate` takes quickest."""

    def __init__(self) -> None:
        super().__init__()
        # The same once more by position: half the time of a dict for each character of each post.
        self._listed: list[int | str | None] = [_NOT_KNOWN] * _BASIC_PLANE

    def __missing__(self, code: int) -> int | str | None:
        if len(self) >= TABLE_MAX:
            self.clear()
        shape = "".join(map(alike, HANZI[code]))
        self[code] = quick = ord(shape) if len(shape) == 1 else shape or None
        return quick

    def of_common(self, text: str) -> str:
        """`text.translate` of everyday characters, none of which lies beyond the basic plane."""
        try:
            return text.translate(self._listed)
        except ValueError:
            for code in map(ord, set(text)):
                self._listed[code] = self[code]
            return text.translate(self._listed)


HANZI: Final = Table(_only_hanzi)
HANZI_SHAPES: Final = _Shapes()
MIXED: Final = Table(_letters_too)
MIXED_SHAPES: Final = Table(_shape_of_letters)


# The phases and the lists of city and room ask for the same text, one after the other.
@lru_cache(maxsize=16)
def hanzi(source: str) -> View:
    """Chinese characters only, simplified."""
    return View(source, HANZI, HANZI_SHAPES)


@lru_cache(maxsize=16)
def mixed(source: str) -> View:
    """Chinese characters, letters and numbers."""
    return View(source, MIXED, MIXED_SHAPES)
