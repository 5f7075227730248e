"""One character as a reader takes it in: plain, without case, simplified, whatever it was dressed up as."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final

from opencc import OpenCC

# Of a text of the whole of Unicode each table would hold a million.
TABLE_MAX: Final = 32_768
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
# Radicals of the supplement block that have no compatibility mapping, in order from U+2E80; blanks stay as they are.
_RADICALS: Final = dict(
    zip(
        range(0x2E80, 0x2EF4),
        "冫厂乛乚乙亻冂几刀刂卜卩小小尢尢尢尢巳幺彑彐忄心扌攵 无日月歹母民氵水灬爪爪丬牛犭王疋罒示礻竹糸纟罒罒网网网"
        "羊羊羊耂肀聿肉臼艹艹艹虎衤西西见角角讠贝足车辶辶辶阝钅长长长门阝阝雨青韦页风飞食食食饣首马骨鬼鱼鸟卤麦黄黾齐齐齿齿龙龙龟龟龟",
        strict=True,
    )
)
# Letters of other scripts that look like Latin ones; capitals may look like others than their small forms.
_ALIKE: Final = dict(
    zip(
        "аеорсухіјѕԁԛԝһвкмтгпьияшцбёαβγδεηικνορτυχωϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІЈЅԌЗʘոսօցհѵӏӀᴦҮүҽԍѡєЄӨөƅɑɡɩ",
        "aeopcyxijsdqwhbkmtrnbnrwubeabydenikvoptuxwcjabezhikmnoptyxabekmhopctyxijsg3onuoqhvllryyegweeoobagi",
        strict=True,
    )
)
_LETTER: Final = re.compile(
    r"(?:LATIN|NEGATIVE|SQUARED|CROSSED|REGIONAL|MODIFIER|TAG|PARENTHESIZED|CIRCLED)\b.* ([A-Z])(?: WITH .+)?$"
)
# Symbols that hold characters or letters without saying so in the standard.
_PICTURED: Final = {
    **dict(zip("🉠🉡🉢🉣🉥🀀🀁🀂🀃🀄🀅🀆🅿", "福禄寿喜财东南西北中发白P", strict=True)),
    **dict(
        zip(
            "🆎🆑🆒🆓🆔🆕🆖🆗🆘🆙🆚",
            ["AB", "CL", "COOL", "FREE", "ID", "NEW", "NG", "OK", "SOS", "UP", "VS"],
            strict=True,
        )
    ),
}
# Strokes stand between characters as a mark would; none of them is a word.
STROKES: Final = frozenset("丶丨丿乀乁乚乛亅丷")

ALL_HANZI: Final = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")


class Table(dict[int, str]):
    """What each character becomes, for `str.translate`; filled as they come up."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self._rule = rule
        self._uneven: set[str] = set()

    # By identity: tables are kept for good, and one may stand for another's lines.
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __missing__(self, code: int) -> str:
        if len(self) >= TABLE_MAX:
            self.clear()
        self[code] = piece = self._rule(chr(code))
        if len(piece) != 1 and len(self._uneven) < TABLE_MAX:
            self._uneven.add(chr(code))
        return piece

    def is_even(self, translated: str) -> bool:
        """Whether of a text that was translated each character became one; False also where that is not known."""
        return len(self._uneven) < TABLE_MAX and self._uneven.isdisjoint(translated)


def each_translated(texts: Sequence[str], table: Table) -> list[str]:
    """Every text by itself, in one go; none of them holds a line break."""
    lines = _lines(table)
    return "\n".join(texts).translate(lines).split("\n") if texts else []


@cache
def _lines(table: Table) -> Table:
    return Table(lambda character: character if character == "\n" else table[ord(character)])


def is_hanzi(character: str) -> bool:
    code = ord(character)
    return 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x323AF or code == 0x3007


def is_invisible(character: str) -> bool:
    """Nothing a reader sees by itself: zero-width, bidi and other controls, combining marks, variation selectors."""
    return (unicodedata.category(character) in ("Cf", "Mn", "Me", "Cc") and character not in "\t\n\r") or (
        character in _INVISIBLE
    )


def flat(character: str) -> str:
    """Compatibility variants (full-width, circled, stylised) made plain; nothing for what is invisible."""
    if is_invisible(character):
        return ""
    plainer = _PICTURED.get(character) or unicodedata.normalize("NFKC", character)
    if plainer != character:
        return plainer
    category = unicodedata.category(character)
    if category[0] == "N":
        return character if is_hanzi(character) else _in_digits(character)
    if category == "So" or (category[0] == "L" and not character.isascii()):
        named = _LETTER.match(unicodedata.name(character, ""))
        if named is not None:
            return named[1] if category == "So" else named[1].lower()
    return character


def _in_digits(number: str) -> str:
    """Digits of any script, and tally marks and circled tens: a number is what it counts."""
    counted = unicodedata.numeric(number, -1.0)
    return str(int(counted)) if counted == int(counted) and 0 <= counted <= 100 else number


def plain(character: str) -> str:
    """Letters and numbers only, without case and accents, simplified; nothing for blanks, punctuation and symbols.

    What is plain stays as it is: a raised small capital is read three times.
    """
    before, now = character, _plainer(character)
    while now != before:
        before, now = now, "".join(map(_plainer, now))
    return now


def _plainer(character: str) -> str:
    return "".join(map(_plain, flat(character)))


def _plain(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    if is_hanzi(character) or ord(character) in _RADICALS:
        return simplified(character)
    alike = _ALIKE.get(character)
    if alike is not None:
        return alike
    # Letters and numbers; marks inside a word (Mc) too, where scripts need them.
    kept = (each for each in character.casefold() if unicodedata.category(each)[0] in "LN" or each == "ー")
    return "".join(_ALIKE.get(each, each) for each in map(_unaccented, kept))


def _unaccented(letter: str) -> str:
    apart = unicodedata.normalize("NFD", letter)
    first, marks = apart[0], apart[1:]
    return first if marks and all(unicodedata.category(mark)[0] == "M" for mark in marks) else letter


def simplified(character: str) -> str:
    """A Chinese character as the mainland writes it; radicals and rare variants as the character they stand for."""
    if is_common(character):
        return character
    radical = _RADICALS.get(ord(character), " ")
    if radical != " ":
        return radical
    for converter in _converters():
        written = str(converter.convert(character))
        if len(written) == 1 and written != character:
            return simplified(written) if converter is _converters()[-1] else written
    return character


# Every phase asks it of the same text.
@lru_cache(maxsize=64)
def is_common(text: str) -> bool:
    """Whether every character is in everyday use on the mainland, and so needs no simplifying."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _converters() -> tuple[OpenCC, ...]:
    """From the general standard to regional variants; the last one makes Japanese forms traditional."""
    return tuple(OpenCC(name) for name in ("t2s", "tw2s", "hk2s", "jp2t"))
