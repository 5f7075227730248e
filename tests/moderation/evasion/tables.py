"""What the author of the corpus wrote down: terms, readings, parts, look-alikes and carriers, read from one folder."""

from __future__ import annotations

import csv
import json
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict


class Pools(TypedDict):
    """The signs and styles to draw from; `enclosed` and `letter_looks` map one character to its stand-ins."""

    seed: str
    zero_width: list[str]
    bidi: list[str]
    spaces: list[str]
    punctuation: list[str]
    emoji: list[str]
    letters: list[str]
    digits: list[str]
    marks: list[str]
    brackets: list[str]
    breaks: list[str]
    letter_styles: list[str]
    digit_styles: list[str]
    enclosed: dict[str, str]
    letter_looks: dict[str, str]
    pinyin_joins: list[str]
    combined: list[list[str]]
    per_technique: int
    words: list[str]


@dataclass(frozen=True, slots=True)
class Term:
    """A line of `terms.csv`; `reading` is its syllables with tone digits, empty where nobody would spell it out."""

    text: str
    category: str
    joins: frozenset[str]
    reading: tuple[str, ...]


@dataclass(frozen=True)
class Tables:
    """One folder's worth of corpus material."""

    terms: tuple[Term, ...]
    traditional: dict[str, str]
    parts: dict[str, tuple[str, ...]]
    lookalikes: dict[str, str]
    homophones: dict[str, str]
    carriers: tuple[tuple[str, str], ...]
    pools: Pools

    @cached_property
    def radicals(self) -> dict[str, str]:
        """Character → its Kangxi radical and compatibility ideographs."""
        blocks = [range(0x2E80, 0x2FD6), range(0xF900, 0xFAFF), range(0x2F800, 0x2FA1E)]
        found: dict[str, str] = {}
        for block in blocks:
            for point in block:
                plain = unicodedata.normalize("NFKC", chr(point))
                if plain != chr(point) and len(plain) == 1:
                    found[plain] = found.get(plain, "") + chr(point)
        return found


def pairs(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {row[0]: row[1] for row in rows}


def load(folder: Path) -> Tables:
    readings = pairs(folder / "readings.csv")
    with (folder / "terms.csv").open(encoding="utf-8", newline="") as file:
        terms = tuple(
            Term(
                row["term"],
                row["category"],
                frozenset(row["match"].split("+")),
                tuple(readings.get(row["term"], "").split()),
            )
            for row in csv.DictReader(file)
        )
    with (folder / "carriers.csv").open(encoding="utf-8", newline="") as file:
        carriers = tuple((row["kind"], row["sentence"]) for row in csv.DictReader(file))
    pools: Pools = json.loads((folder / "pools.json").read_text(encoding="utf-8"))
    return Tables(
        terms,
        pairs(folder / "traditional.csv"),
        {character: tuple(parts.split()) for character, parts in pairs(folder / "parts.csv").items()},
        pairs(folder / "lookalikes.csv"),
        pairs(folder / "homophones.csv"),
        carriers,
        pools,
    )
