"""Signs of all scripts that are read as a Latin letter or a digit by their shape; some may be read as several."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from moderation.reading.characters import is_hanzi, plain
from moderation.reading.sign_table import ALPHABETS, HANZI, ROWS

_DATA: Final = Path(__file__).parent / "data"
# Marks that are nothing but marks in nearly all texts: only beside a letter or a number they may be one.
PLAIN_MARKS: Final = frozenset("@$€£¥(<{[×!|+#&©®¢§°¤•")
# Whatever is neither ASCII nor Chinese, kana, usual punctuation, full-width or a pictograph.
_OTHERS: Final = (
    "\u00a1-\u02ff\u0370-\u1fff\u2020\u2021\u2070-\u20cf\u2100-\u2e7f\ua000-\uabff\ufb00-\ufdff\ufe70-\ufefe"
    "\U00010000-\U0001f0ff\U0001f100-\U0001f1e5\U0001f700-\U0001f77f"
)
_LETTERS: Final = f"[0-9A-Za-z{_OTHERS}]"
# Half-width katakana.
_HALVES: Final = "\uff65-\uff9f"


@cache
def readings() -> dict[str, str]:
    """Of each sign that somebody wrote down or a font measured: what it may be read as, the likeliest first."""
    found: dict[str, dict[str, None]] = {}
    for row in f"{ROWS}{HANZI}".split("\n"):
        letter = ""
        for cell in row.split():
            if len(cell) == 1 and cell.isascii() and cell.isalnum():
                letter = cell
            else:
                _add(found, cell, letter)
    for alphabet in ALPHABETS.split():
        for letter, sign in zip("abcdefghijklmnopqrstuvwxyz", alphabet, strict=True):
            _add(found, sign, letter)
    for line in (_DATA / "signs.tsv").read_text(encoding="utf-8").splitlines():
        sign, letters = line.split("\t")
        for letter in letters:
            _add(found, sign, letter)
    return {sign: "".join(letters) for sign, letters in found.items()}


def _add(found: dict[str, dict[str, None]], signs: str, letter: str) -> None:
    for sign in signs:
        if not (sign.isascii() and sign.isalnum()):
            found.setdefault(sign, {})[letter] = None


@lru_cache(maxsize=16_384)
def letters_of(sign: str) -> str:
    """What a sign may be read as, in either case and without accents; nothing for what is no letter by any look."""
    apart = unicodedata.normalize("NFD", sign)
    ways = dict.fromkeys((sign, apart[0], sign.lower(), sign.upper(), sign.casefold(), apart[0].lower()))
    read = dict.fromkeys("".join(readings().get(way, "") for way in ways if len(way) == 1))
    plainly = plain(sign)
    if len(plainly) == 1 and plainly.isascii() and sign not in readings():
        read = dict.fromkeys(plainly) | read
    # What is only dressed is read without this.
    return "" if list(read) == [plainly] else "".join(read)


@lru_cache(maxsize=16_384)
def is_foreign(sign: str) -> bool:
    """A letter of a script that is neither Latin nor one of those Chinese is written with."""
    return not sign.isascii() and not is_hanzi(sign) and unicodedata.category(sign)[0] == "L"


def signs_in(source: str) -> list[int]:
    """Where signs stand that may be letters."""
    return [
        match.start()
        for match in _sign().finditer(source)
        if letters_of(match[0]) or is_foreign(match[0]) or match[0].isascii()
    ]


@cache
def _sign() -> re.Pattern[str]:
    marks = "".join(map(re.escape, sorted(PLAIN_MARKS)))
    near = "".join(sorted({sign for sign in readings() if "\u3000" <= sign <= "\u9fff"}))
    behind = f"(?:(?<={_LETTERS})|(?<={_LETTERS}\\W)|(?<={_LETTERS}\\W\\W))"
    return re.compile(
        f"(?![{marks}])[{_OTHERS}{_HALVES}]|[{marks}](?:(?=\\W{{0,3}}{_LETTERS})|{behind})"
        f"|[0-9](?=[^\\w\u2e80-\u9fff]{{0,3}}[A-Za-z])|(?<=[A-Za-z])[0-9]"
        f"|[{near}](?={_LETTERS})|(?<={_LETTERS})[{near}]|[@$€£¥](?=[\u4e00-\u9fff])"
    )


def in_its_own_script(source: str, start: int, end: int) -> bool:
    """Whether `start..end` is a word of another script, in a text that has more of it, and no disguise."""
    scripts = {_script(each) for each in source[start:end] if each.isalpha()}
    if len(scripts) != 1 or "LATIN" in scripts or "CJK" in scripts:
        return False
    script = scripts.pop()
    return any(each.isalpha() and _script(each) == script for each in source[:start] + source[end:])


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split(" ", 1)[0]
