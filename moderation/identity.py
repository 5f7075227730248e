"""Numbers that prove themselves: identity numbers by province, calendar and check digit, bank cards by Luhn."""

from __future__ import annotations

from datetime import date

# First two digits of the places an identity number is issued for, as ranges.
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


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
