"""Which Chinese characters look alike, as measured on glyphs by `bench/glyphs.py`; the likest of each first."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from moderation.reading.characters import simplified
from moderation.reading.components import decompositions, families
from moderation.reading.lookalikes import alike

_DATA: Final = Path(__file__).parent / "data"
# A part that so many have is no likeness.
_SHARED_MAX: Final = 24


@cache
def likest(character: str) -> tuple[str, ...]:
    """Characters that could be taken for this one; none for itself."""
    return _measured().get(character, ())


@cache
def likest_shapes(character: str) -> tuple[str, ...]:
    """What stands for those in the shape of a text, where it is not the same as for this one."""
    shapes = dict.fromkeys(alike(simplified(each)) for each in likest(character))
    return tuple(shape for shape in shapes if shape != alike(character))


@cache
def closest_shapes(character: str) -> tuple[str, ...]:
    """`likest_shapes` without those that only share some part: what two characters alone are taken for."""
    close = {alike(simplified(each)) for each in _close().get(character, ())}
    return tuple(shape for shape in likest_shapes(character) if shape in close)


def likeable(found: str, meant: str) -> bool:
    """Whether one could be taken for the other."""
    return alike(found) == alike(meant) or found in likest(meant)


@cache
def _measured() -> dict[str, tuple[str, ...]]:
    found = {character: dict.fromkeys(others) for character, others in _close().items()}
    for together in sorted(_sharing_a_part(), key=len):
        if len(together) <= _SHARED_MAX:
            for character in together:
                found.setdefault(character, {}).update(dict.fromkeys(together))
    for line in (_DATA / "further.tsv").read_text(encoding="utf-8").splitlines():
        character, others = line.split("\t")
        found.setdefault(character, {}).update(dict.fromkeys(others))
    return {character: tuple(other for other in others if other != character) for character, others in found.items()}


@cache
def _close() -> dict[str, dict[str, None]]:
    """Of one main part, or measured as alike."""
    found: dict[str, dict[str, None]] = {}
    measured = (_DATA / "parts.txt").read_text(encoding="utf-8").splitlines()
    for together in (*_families(), *measured):
        if len(together) <= _SHARED_MAX:
            for character in together:
                found.setdefault(character, {}).update(dict.fromkeys(together))
    for line in (_DATA / "alikes.tsv").read_text(encoding="utf-8").splitlines():
        character, others = line.split("\t")
        for other in others:
            found.setdefault(character, {})[other] = None
            found.setdefault(other, {})[character] = None
    return found


def _sharing_a_part() -> list[str]:
    """Characters that have a part in common, wherever it stands, and that part: 宠 庞 龙."""
    found: dict[str, dict[str, None]] = {}
    for whole, ways in decompositions().items():
        for part in ways[0]:
            found.setdefault(part, {part: None})[whole] = None
    return ["".join(together) for together in found.values()]


def _families() -> list[str]:
    """Characters that are a radical and the same part, and the part."""
    found: dict[str, str] = {}
    for character, part in families().items():
        found[part] = found.get(part, part) + character
    return list(found.values())
