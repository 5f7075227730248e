"""Contact ids that lead away from here: WeChat and QQ, with whatever people write for those names."""

from __future__ import annotations

import re
from collections.abc import Iterator

# 微信 and what people write instead, then something that can be an id: letter first, 6 to 20, or a telephone's digits.
_WECHAT = re.compile(
    r"(?:微\s?信|威信|薇信|徽信|v信|(?<![a-z])[vw]x|wechat|[加＋+]\s?[vV]|[加＋+]\s?微)(?:号|id|ID|群|公众号)?"
    r"\s?[:：是为]{0,2}\s?(?P<id>[A-Za-z][A-Za-z0-9_\-]{5,19}|1[3-9]\d{9})(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_QQ = re.compile(
    r"(?<![A-Za-z])(?:qq|扣扣|企鹅)(?:号|群|群号)?\s?[:：是为]{0,2}\s?(?P<id>[1-9]\d{4,10})(?!\d)", re.IGNORECASE
)
# Without one of these, in small letters, there is nothing to look for.
_WECHAT_HINTS = (
    "微信",
    "微 ",
    "威信",
    "薇信",
    "徽信",
    "v信",
    "wx",
    "vx",
    "wechat",
    "加v",
    "加 v",
    "加微",
    "加 微",
    "+",
    "＋",
)
_QQ_HINTS = ("qq", "扣扣", "企鹅")


# A character of each of them, but for 企, which is in 企业 too.
_HINTING = re.compile("[微威薇徽vVwWqQ扣+＋]")


def may_hold_contacts(text: str) -> bool:
    """Full-width letters are not looked through."""
    if not _HINTING.search(text) and "企鹅" not in text:
        return False
    small = text.lower()
    return any(hint in small for hint in _WECHAT_HINTS) or any(hint in small for hint in _QQ_HINTS)


def contacts_in(flat: str) -> Iterator[tuple[str, re.Match[str]]]:
    """`wechat` or `qq` with the match, whose group `id` is the id itself."""
    small = flat.lower()
    if any(hint in small for hint in _WECHAT_HINTS):
        for match in _WECHAT.finditer(flat):
            yield "wechat", match
    if any(hint in small for hint in _QQ_HINTS):
        for match in _QQ.finditer(flat):
            yield "qq", match
