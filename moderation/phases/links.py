"""Addresses and contact ids that lead readers elsewhere, rule 4. Government addresses lead nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.contacts import contacts_in, may_hold_contacts
from moderation.drafts import Context, Draft
from moderation.folding import Folded, flatten
from moderation.reading.characters import is_common
from moderation.verdicts import Verdict, held_if_any
from rooms.model import Reason

# Ends before brackets, commas and whatever else is not part of an address where people write one into a sentence.
_PATH = r"[A-Za-z0-9\-._~:/?#@!$&*+=%]{0,500}[A-Za-z0-9/_=&#%~\-]"
_URL = re.compile(rf"(?<![A-Za-z])(?:https?|ftp)://{_PATH}|(?<![A-Za-z0-9.@])www\.{_PATH}", re.IGNORECASE)
_ENDINGS = (
    "com|cn|net|org|info|top|xyz|vip|shop|site|club|online|icu|cc|tv|me|io|co|app|link|live|fun|wang|pro|biz|asia|hk|tw"
)
_DOMAIN = re.compile(
    rf"(?<![A-Za-z0-9.@\-])(?:[A-Za-z0-9][A-Za-z0-9\-]{{0,62}}\.){{1,5}}(?:{_ENDINGS})(?![A-Za-z0-9\-])"
    rf"(?:/(?:{_PATH})?)?",
    re.IGNORECASE | re.ASCII,
)
_OFFICIAL = re.compile(r"^(?:https?://)?(?:[a-z0-9\-]+\.)*gov\.cn(?![a-z0-9.\-])", re.IGNORECASE)
# A decimal is no address: those end in letters.
_DOT = re.compile(r"\.[A-Za-z]")
_DRESSED = re.compile("[\uff0e\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2460-\u249b]")


def judge(draft: Draft, context: Context) -> Verdict | None:
    if not _worth_reading(draft.body):
        return None
    flat = flatten(draft.body)
    return held_if_any(
        Reason("links", category=category, start=start, end=end, rule=4) for category, start, end in _leads(flat)
    )


def _worth_reading(text: str) -> bool:
    """Whether anything that leads somewhere can stand there; most texts have no address and none of the names."""
    return (
        not is_common(text)
        or ("." in text and (_DOT.search(text) is not None or "://" in text))
        or may_hold_contacts(text)
        or _DRESSED.search(text) is not None
    )


def _leads(flat: Folded) -> Iterator[tuple[str, int, int]]:
    addresses: list[tuple[int, int]] = []
    text = flat.text
    for pattern in _patterns(text):
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < taken_end and taken_start < end for taken_start, taken_end in addresses):
                continue
            addresses.append((start, end))
            if not _OFFICIAL.match(match[0]):
                yield "link", *flat.span(start, end)
    for category, match in contacts_in(text):
        yield category, *flat.span(*match.span())


def _patterns(text: str) -> Iterator[re.Pattern[str]]:
    """Those of which something is there."""
    if "://" in text or "www" in text.lower():
        yield _URL
    if "." in text:
        yield _DOMAIN
