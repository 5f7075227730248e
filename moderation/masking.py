"""Masks a particular so that its owner knows it and nobody can use it: 138****1234. Its length stays as it was."""

from __future__ import annotations

from typing import Final

from moderation.reading.characters import plain
from moderation.verdicts import MASK

# How many signs are left at the start and at the end; blanks and hyphens between stay where they are.
_LEFT: Final = {
    "phone": (3, 4),
    "id_card": (4, 4),
    "bank_card": (4, 4),
    "plate": (2, 2),
    "wechat": (1, 0),
    "qq": (2, 0),
    "address": (0, 0),
}
_NUMERALS: Final = frozenset("一二三四五六七八九十百〇零")


def mask(category: str, written: str) -> str:
    """What stands there with stars in place of what gives it away."""
    if category == "email":
        name, at, domain = written.replace("＠", "@").partition("@")
        return name[:1] + MASK * (len(name) - 1) + at + domain
    signs = [index for index, sign in enumerate(written) if _counts(category, sign)]
    if category == "phone":
        signs = signs[_calling_code(written, signs) :]
    first, last = _LEFT[category]
    # A number too short for its pattern shows nothing but its beginning.
    hidden = set(signs[first : max(len(signs) - last, first)]) if len(signs) > first + last else set(signs[first:])
    return "".join(MASK if index in hidden else sign for index, sign in enumerate(written))


def _counts(category: str, sign: str) -> bool:
    """Digits of whatever kind; of a door only those, for streets and houses are no secret."""
    kept = plain(sign)
    return kept.isdigit() or sign in _NUMERALS if category == "address" else bool(kept)


def _calling_code(written: str, signs: list[int]) -> int:
    """How many digits come before the number itself: of +86 or 0086, which everybody has."""
    digits = "".join(plain(written[index]) for index in signs)
    return next((len(code) for code in ("0086", "86") if digits.startswith(code)), 0)
