"""Finds people's particulars in a text: mainland mobile numbers, identity numbers, bank cards, e-mail addresses.

A finding only holds a post, so a rare false alarm costs a glance; each pattern is still checked for what it claims to
be (check digits, calendar dates, number ranges), for fares, dates and document numbers fill these rooms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from moderation.folding import flatten


@dataclass(frozen=True, slots=True)
class Particular:
    """`start` and `end` count characters of the text; what was found is not repeated here."""

    category: str  # phone | id_card | bank_card | email
    start: int
    end: int


_GAP = r"[ \t\-\u2010-\u2015._·•*/]{0,2}"
_LEFT = r"(?<![0-9A-Za-z])(?<!\d[.,])"
_RIGHT = r"(?![0-9])(?![.,]\d)"
_CALLING_CODE = rf"(?:(?:\+|00)?86{_GAP})?"
_PHONE = re.compile(
    rf"(?<!\d)(?<!\d[.,]){_CALLING_CODE}"
    rf"(1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}|1[3-9]\d{_GAP}\d{{3}}{_GAP}\d{{5}}|1[3-9]\d\d{_GAP}\d{{3}}{_GAP}\d{{4}}"
    # Every digit apart from the next: nobody writes anything else like this.
    rf"|1[ \-._·*]{{1,2}}[3-9](?:[ \-._·*]{{1,2}}\d){{9}}){_RIGHT}",
    re.ASCII,
)
_SPOKEN_DIGITS = str.maketrans("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_ID_18 = re.compile(rf"{_LEFT}(\d{{6}}){_GAP}((?:18|19|20)\d{{6}}){_GAP}(\d{{3}}[0-9Xx])(?![0-9A-Za-z])", re.ASCII)
_ID_15 = re.compile(rf"{_LEFT}(\d{{6}}){_GAP}(\d{{6}}){_GAP}(\d{{3}})(?![0-9A-Za-z])(?![.,]\d)", re.ASCII)
_CARD = re.compile(rf"{_LEFT}[3-6]\d{{3}}(?:[ \-]{{0,2}}\d{{4}}){{3}}(?:[ \-]{{0,2}}\d{{1,3}})?{_RIGHT}", re.ASCII)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![A-Za-z0-9])",
    re.ASCII,
)
# Office addresses are published to be written to.
_OFFICE = re.compile(r"@(?:[a-z0-9\-]+\.)*gov\.cn$", re.IGNORECASE)
# First two digits of the places an identity number is issued for, as ranges.
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


def find_particulars(text: str) -> list[Particular]:
    """In order of appearance; where two readings overlap, the more exact one (identity before card before phone)."""
    flat = flatten(text)
    taken: list[tuple[int, int]] = []
    found: list[Particular] = []
    for category, start, end in _candidates(flat.text):
        if any(start < other_end and other_start < end for other_start, other_end in taken):
            continue
        taken.append((start, end))
        found.append(Particular(category, *flat.span(start, end)))
    return sorted(found, key=lambda particular: particular.start)


def _candidates(text: str) -> Iterator[tuple[str, int, int]]:
    for category, pattern, holds in _READINGS:
        for match in pattern.finditer(text):
            if holds(match[0]):
                yield category, *match.span()
    spoken = text.translate(_SPOKEN_DIGITS)
    if spoken != text:
        for match in _PHONE.finditer(spoken):
            yield "phone", *match.span()


def is_identity_18(number: str) -> bool:
    """GB 11643: a province, a day in the calendar and the check character over the other seventeen."""
    if number[:2] not in _PROVINCES or not _is_day(number[6:10], number[10:12], number[12:14]):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return _CHECK_DIGITS[total % 11] == number[17].upper()


def is_identity_15(number: str) -> bool:
    """The old form without check digit: a province and a day of the twentieth century."""
    return number[:2] in _PROVINCES and _is_day("19" + number[6:8], number[8:10], number[10:12])


def is_card(number: str) -> bool:
    """Luhn, over 16 to 19 digits that are not a filler of one or two digits."""
    if len(set(number)) <= 2:
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _bare(written: str) -> str:
    """The number without what was written between its digits."""
    return re.sub(r"[^0-9Xx]", "", written)


# The most exact reading first: what it covers is not read again as something vaguer.
_READINGS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", _EMAIL, lambda written: not _OFFICE.search(written)),
    ("id_card", _ID_18, lambda written: is_identity_18(_bare(written))),
    ("bank_card", _CARD, lambda written: is_card(_bare(written))),
    ("id_card", _ID_15, lambda written: is_identity_15(_bare(written))),
    ("phone", _PHONE, lambda written: True),
)
