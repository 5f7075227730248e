"""Addresses and contact ids that lead readers elsewhere, rule 4. Government addresses lead nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.drafts import Context, Draft
from moderation.folding import Folded, flatten
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
# 微信 and what people write instead, then something that can be an id: letter first, 6 to 20, or a telephone's digits.
_WECHAT = re.compile(
    r"(?:微\s?信|威信|薇信|v信|(?<![a-z])[vw]x|wechat|[加＋+]\s?[vV]|[加＋+]\s?微)(?:号|id|ID|群|公众号)?\s?[:：是为]{0,2}\s?"
    r"(?P<id>[A-Za-z][A-Za-z0-9_\-]{5,19}|1[3-9]\d{9})(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_QQ = re.compile(
    r"(?<![A-Za-z])(?:qq|扣扣|企鹅)(?:号|群|群号)?\s?[:：是为]{0,2}\s?(?P<id>[1-9]\d{4,10})(?!\d)", re.IGNORECASE
)


def judge(draft: Draft, context: Context) -> Verdict | None:
    flat = flatten(draft.body)
    return held_if_any(
        Reason("links", category=category, start=start, end=end, rule=4) for category, start, end in _leads(flat)
    )


def _leads(flat: Folded) -> Iterator[tuple[str, int, int]]:
    addresses: list[tuple[int, int]] = []
    for pattern in (_URL, _DOMAIN):
        for match in pattern.finditer(flat.text):
            start, end = match.span()
            if any(start < taken_end and taken_start < end for taken_start, taken_end in addresses):
                continue
            addresses.append((start, end))
            if not _OFFICIAL.match(match[0]):
                yield "link", *flat.span(start, end)
    for category, pattern in (("wechat", _WECHAT), ("qq", _QQ)):
        for match in pattern.finditer(flat.text):
            yield category, *flat.span(*match.span())
