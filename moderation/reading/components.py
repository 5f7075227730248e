"""Characters taken apart: what 拆字 writes in place of each, and which share their main part."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from moderation.reading.component_table import LEADING, TRAILING, WHOLES
from moderation.reading.families import KIN

_DATA: Final = Path(__file__).parent / "data"
# A part as it stands inside a character, and the character people type for it; 衤 is typed as 礻 as well.
_STANDS_FOR: Final = dict(
    zip(
        "亻氵扌讠忄钅饣纟犭衤礻艹辶刂灬攵月罒⺮𥫗丬虍疒冫阝訁釒飠糹氺才玉廾卄之⻊⻖⻏衣镸曰廴卩攴爫牜糸覀⺈⺌⺍",
        "人水手言心金食丝犬示示草走刀火文肉四竹竹爿虎病冰耳言金食丝水手王草草走足耳耳示长日走耳文爪牛丝西刀小小",
        strict=True,
    )
)
# Two parts typed for one: 艹 as 十十.
_IN_TWO: Final = {"艹": ("十", "十")}
# Radicals one reads over, standing first and standing last: what is left is what one remembers.
_SLIGHT_FIRST: Final = frozenset(
    "亻氵扌讠口忄木女月日目贝钅饣纟犭王石火土禾米虫足车酉马彳礻衤阝艹山弓巾子方冫身歹竹⺮𥫗"
)
_SLIGHT_LAST: Final = frozenset("刂阝攵页鸟隹欠殳见")
Parts = tuple[str, ...]


@cache
def decompositions() -> dict[str, tuple[Parts, ...]]:
    """The ways each character is written apart, the usual one first."""
    found = dict(_listed())
    for whole, ways in _written_out(_rest()).items():
        found[whole] = tuple(dict.fromkeys((*found.get(whole, ()), *ways)))
    return found


@cache
def _listed() -> dict[str, tuple[Parts, ...]]:
    found = _written_out(WHOLES)
    for radical, part, whole, leads in _pairs():
        ways = found.setdefault(whole, [])
        way = (radical, part) if leads else (part, radical)
        if way not in ways:
            ways.append(way)
    return {whole: tuple(ways) for whole, ways in found.items()}


def _written_out(wholes: str) -> dict[str, list[Parts]]:
    found: dict[str, list[Parts]] = {}
    for written in wholes.split():
        whole, _, parts = written.partition("=")
        if parts != whole:
            found.setdefault(whole, []).append(tuple(parts))
    return found


@cache
def families() -> dict[str, str]:
    """The main part in place of each character that is a radical and that part: 清 and 情 are 青, as 青 itself."""
    found = {member: family[0] for family in reversed(KIN.split()) for member in family[1:]}
    for radical, part, whole, leads in _pairs():
        if radical in (_SLIGHT_FIRST if leads else _SLIGHT_LAST):
            found.setdefault(whole, part)
    radicals = _SLIGHT_FIRST | _SLIGHT_LAST
    # What is seldom written is no measure of what others look like.
    for whole, ways in _listed().items():
        rest = [part for part in ways[0] if part not in radicals]
        if len(ways[0]) == 2 and len(rest) == 1:
            found.setdefault(whole, rest[0])
    return found


@cache
def _rest() -> str:
    """Written as `WHOLES` is, more of them than fit there."""
    return (_DATA / "apart.txt").read_text(encoding="utf-8")


def _pairs() -> list[tuple[str, str, str, bool]]:
    """Radical, other part, whole, and whether the radical stands first."""
    found = []
    for table, leads in ((LEADING, True), (TRAILING, False)):
        for line in table.strip().splitlines():
            radical, written = line.split(" ", 1)
            found += [(radical, part, whole, leads) for part, whole in zip(written[::2], written[1::2], strict=True)]
    return found


def typed(part: str) -> str:
    """The character people type for a radical."""
    return _STANDS_FOR.get(part, part)


@cache
def _typed_alike() -> dict[str, tuple[str, ...]]:
    """All that is typed for a radical, by the character it stands for."""
    alike: dict[str, tuple[str, ...]] = {}
    for part, stands in _STANDS_FOR.items():
        alike[stands] = (*alike.get(stands, (stands,)), part)
    return alike


def openings(character: str) -> set[str]:
    """How each way to write it in parts may begin: its first two parts, whatever is typed for them."""
    ways = decompositions().get(character, ())
    begun = {way[:2] for way in (*ways, *map(_in_two, ways))}
    return {one + other for first, second in begun for one in _written(first) for other in _written(second)}


def _written(part: str) -> tuple[str, ...]:
    return _typed_alike().get(typed(part), (part,))


def _in_two(way: Parts) -> Parts:
    return tuple(each for part in way for each in _IN_TWO.get(part, (part,)))


@cache
def apart(character: str) -> str:
    """All of its parts in order, taken apart as far as the table goes, radicals as the characters typed for them."""
    return "".join(_apart(character, ""))


def _apart(character: str, above: str) -> str:
    whole = typed(character)
    ways = decompositions().get(whole)
    if ways is None or whole in above:
        return whole
    return "".join(_apart(part, above + whole) for part in ways[0])


def writings(character: str) -> tuple[str, ...]:
    """What `apart` makes of each way to write a character in parts."""
    ways = decompositions().get(character, ())
    return tuple(dict.fromkeys("".join(map(apart, way)) for way in (*ways, *map(_in_two, ways))))


@cache
def several() -> frozenset[str]:
    """Characters written apart in several ways."""
    return frozenset(whole for whole in decompositions() if set(writings(whole)) != {apart(whole)})
