"""Text as a reader takes it in, for matching: written variants made equal, every character still knowing its origin."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text[i]` comes from character `origin[i]` of the source."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the source."""
        return self.origin[start], self.origin[end - 1] + 1


def flatten(source: str) -> Folded:
    """Compatibility variants (full-width, circled, stylised) made plain, invisible characters dropped."""
    return _mapped(source, _flat)


def fold(source: str) -> Folded:
    """As `flatten`, and without case, blanks, punctuation and symbols: only what carries meaning is left."""
    return _mapped(source, _folded)


def _mapped(source: str, table: Callable[[str], str]) -> Folded:
    pieces: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(source):
        piece = table(character)
        pieces.append(piece)
        origin.extend([index] * len(piece))
    return Folded("".join(pieces), tuple(origin))


@lru_cache(maxsize=32_768)
def _flat(character: str) -> str:
    if unicodedata.category(character) in ("Cf", "Mn", "Me") or character in _INVISIBLE:
        return ""
    return unicodedata.normalize("NFKC", character)


@lru_cache(maxsize=32_768)
def _folded(character: str) -> str:
    # Letters and numbers; marks inside a word (Mc) too, where scripts need them.
    return "".join(
        kept for kept in _flat(character).casefold() if unicodedata.category(kept)[0] in "LN" or kept == "ー"
    )
