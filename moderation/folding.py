"""Text as a reader takes it in, for matching: written variants made equal, every character still knowing its origin."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from moderation.reading.characters import Table, each_translated, flat, plain


class Folded:
    """A text and where each of its characters stood; that is worked out only where something was found."""

    __slots__ = ("_origin", "_source", "_table", "text")

    def __init__(self, source: str, table: Table) -> None:
        self.text = source.translate(table)
        self._source = source
        self._table = table
        self._origin: Sequence[int] | None = None

    @property
    def origin(self) -> Sequence[int]:
        """`text[i]` comes from character `origin[i]` of the source."""
        if self._origin is None:
            if self._table.is_even(self._source):
                self._origin = range(len(self._source))
            else:
                pieces = map(self._table.__getitem__, map(ord, self._source))
                self._origin = [index for index, piece in enumerate(pieces) for _ in piece]
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
    """As `flatten`, and simplified, without case, accents, blanks, marks and symbols: only what carries meaning."""
    return Folded(source, _FOLDED)


def each_folded(texts: Sequence[str]) -> list[str]:
    """`fold` of each, in one go; none holds a line break."""
    return each_translated(texts, _FOLDED)


_FLAT: Final = Table(flat)
_FOLDED: Final = Table(plain)
