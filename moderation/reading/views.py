"""A text as a matcher sees it: what does not matter left out, repetitions drawn together, origins remembered."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from moderation.reading.characters import STROKES, Table, is_common, is_hanzi, plain

_REPEATED: Final = re.compile(r"(.)\1+", re.DOTALL)
_COMMON_HANZI: Final = re.compile("[\u4e00-\u9fff]+")
_STROKE: Final = re.compile(f"[{''.join(sorted(STROKES))}]")


class View:
    """`text` has no character twice in a row; where each of its characters stood is worked out when asked."""

    __slots__ = ("_runs", "_source", "_table", "text", "whole")

    def __init__(self, source: str, table: Table, whole: str | None = None) -> None:
        self._source = source
        self._table = table
        # Before repetitions were drawn together.
        self.whole = source.translate(table) if whole is None else whole
        self.text = drawn_together(self.whole)
        self._runs: list[tuple[int, int, int]] | None = None

    @property
    def runs(self) -> list[tuple[int, int, int]]:
        """For each character of `text`: the first and the last character of the source it stands for, and how many."""
        if self._runs is None:
            self._runs = list(self._read())
        return self._runs

    @property
    def places(self) -> list[int]:
        """Where each character of `whole` stood."""
        return [index for index, character in enumerate(self._source) for _ in self._table[ord(character)]]

    def _read(self) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = []
        before = ""
        for index, character in enumerate(self._source):
            for piece in self._table[ord(character)]:
                if piece == before:
                    first, _, count = found[-1]
                    found[-1] = (first, index, count + 1)
                else:
                    found.append((index, index, 1))
                    before = piece
        return found


def drawn_together(text: str) -> str:
    return _REPEATED.sub(r"\1", text)


def _only_hanzi(character: str) -> str:
    return "".join(kept for kept in plain(character) if is_hanzi(kept) and kept not in STROKES)


def _letters_too(character: str) -> str:
    return "".join(kept for kept in plain(character) if kept not in STROKES)


_HANZI: Final = Table(_only_hanzi)
_MIXED: Final = Table(_letters_too)


# The phases and the lists of city and room ask for the same text, one after the other.
@lru_cache(maxsize=16)
def hanzi(source: str) -> View:
    """Chinese characters only, simplified."""
    if is_common(source) and not _STROKE.search(source):
        return View(source, _HANZI, "".join(_COMMON_HANZI.findall(source)))
    return View(source, _HANZI)


@lru_cache(maxsize=16)
def mixed(source: str) -> View:
    """Chinese characters, letters and numbers."""
    return View(source, _MIXED)
