"""Text as a reader takes it in, for matching: written variants made equal, every character still knowing its origin."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

# Of a text of the whole of Unicode each table would hold a million.
TABLE_MAX: Final = 32_768
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


class Folded:
    """A text and where each of its characters stood; that is worked out only where something was found."""

    __slots__ = ("_origin", "_source", "_table", "text")

    def __init__(self, source: str, table: _Table) -> None:
        self.text = source.translate(table)
        self._source = source
        self._table = table
        self._origin: tuple[int, ...] | None = None

    @property
    def origin(self) -> tuple[int, ...]:
        """`text[i]` comes from character `origin[i]` of the source."""
        if self._origin is None:
            pieces = (self._table[ord(character)] for character in self._source)
            self._origin = tuple(index for index, piece in enumerate(pieces) for _ in piece)
        return self._origin

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the source."""
        return self.origin[start], self.origin[end - 1] + 1


# Several phases ask for the same text, one after the other.
@lru_cache(maxsize=16)
def flatten(source: str) -> Folded:
    """Compatibility variants (full-width, circled, stylised) made plain, invisible characters dropped."""
    return Folded(source, _FLAT)


@lru_cache(maxsize=16)
def fold(source: str) -> Folded:
    """As `flatten`, and without case, blanks, punctuation and symbols: only what carries meaning is left."""
    return Folded(source, _FOLDED)


class _Table(dict[int, str]):
    """What each character becomes, filled as they come up."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, code: int) -> str:
        if len(self) >= TABLE_MAX:
            self.clear()
        self[code] = piece = self._rule(chr(code))
        return piece


def _flat(character: str) -> str:
    if unicodedata.category(character) in ("Cf", "Mn", "Me") or character in _INVISIBLE:
        return ""
    return unicodedata.normalize("NFKC", character)


def _folded(character: str) -> str:
    # Letters and numbers; marks inside a word (Mc) too, where scripts need them.
    return "".join(
        kept for kept in _flat(character).casefold() if unicodedata.category(kept)[0] in "LN" or kept == "ー"
    )


_FLAT: Final = _Table(_flat)
_FOLDED: Final = _Table(_folded)
