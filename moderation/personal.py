"""Finds people's particulars in a text: telephone, identity and card numbers, e-mail, plates, the door they live at.

A finding only holds a post, so a rare false alarm costs a glance; each pattern is still checked for what it claims to
be (check digits, calendar dates, number ranges), for fares, dates, document numbers and offices' own numbers fill these
rooms.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from moderation.contacts import contacts_in
from moderation.folding import flatten
from moderation.identity import is_card, is_identity_15, is_identity_18
from moderation.masking import mask
from moderation.reading.characters import is_common


@dataclass(frozen=True, slots=True)
class Particular:
    """`start` and `end` count characters of the text; what was found is not repeated here."""

    category: str  # phone | id_card | bank_card | email | plate | address
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
# A fixed line with its area code.
_LANDLINE = re.compile(
    rf"(?<!\d)(?<!\d[.,\-])\(?(?:010|02\d|0[3-9]\d\d)\)?{_GAP}[2-8]\d{{2,3}}{_GAP}\d{{4}}(?![0-9])(?![.,]\d)", re.ASCII
)
# Numbers that are published to be called.
_PUBLISHED = re.compile(
    "热线|总机|传真|客服|咨询|投诉|监督|举报|值班|办公|窗口|服务|公开|官方|前台|大厅|政务|[局委办院所站]的?电话"
)
_BEFORE = 14
_SIGN = "A-HJ-NP-Za-hj-np-z"
_PLATE = re.compile(
    rf"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼] ?[{_SIGN}][ \-·•.]{{0,2}}"
    rf"(?=[A-Za-z]{{0,3}}\d[A-Za-z]?\d)(?:[{_SIGN}0-9]{{6}}|[{_SIGN}0-9]{{4}}[{_SIGN}0-9挂学警港澳])(?![A-Za-z0-9])"
)
_NUMERAL = "[0-9〇零一二三四五六七八九十百]"
_HOUSE = rf"(?<![0-9.]){_NUMERAL}{{1,4}}(?:号楼|栋|幢|座|#楼?)"
# No year, no floor, no price, no number of households.
_NO_COUNT = "(?![0-9.年月日层楼多余几元米平个])"
# A door, not a building: 3号楼2单元501, 5栋1203室, 2单元501, 12-3-401. Shops and offices have doors for everybody.
_ADDRESS = re.compile(
    rf"(?:{_HOUSE} ?)?{_NUMERAL}{{1,3}}单元 ?{_NUMERAL}{{3,5}}(?:室|房|户|号)?{_NO_COUNT}"
    rf"|{_HOUSE}[ \-]?{_NUMERAL}{{3,5}}(?:室|房(?![间型产价屋源])|户(?![主型口籍及]))"
    rf"|(?<![0-9.\-])\d{{1,3}}-\d{{1,2}}-\d{{3,4}}(?:室|房|户)?(?![0-9\-]){_NO_COUNT}"
)
_OPEN_TO_ALL = re.compile("号?(?:商铺|门面|门店|店|铺|公司|办公|会议|教室|诊室|窗口)")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![A-Za-z0-9])",
    re.ASCII,
)
# Office addresses are published to be written to.
_OFFICE = re.compile(r"@(?:[a-z0-9\-]+\.)*gov\.cn$", re.IGNORECASE)


def find_particulars(text: str) -> list[Particular]:
    """In order of appearance; where two readings overlap, the more exact one (identity before card before phone)."""
    readings = _worth_trying(text)
    if not readings:
        return []
    flat = flatten(text)
    taken: list[tuple[int, int]] = []
    found: list[Particular] = []
    for category, start, end in _candidates(flat.text, readings):
        place = bisect(taken, (start, end))
        if (place and taken[place - 1][1] > start) or (place < len(taken) and taken[place][0] < end):
            continue
        taken.insert(place, (start, end))
        found.append(Particular(category, *flat.span(start, end)))
    return sorted(found, key=lambda particular: particular.start)


def names_private_person(text: str) -> bool:
    """Whether an identity, bank card or mobile number is in it: all else may be an office's line, mailbox or door."""
    return any(_is_a_persons(found, text) for found in find_particulars(text))


def _is_a_persons(found: Particular, text: str) -> bool:
    if found.category != "phone":
        return found.category in ("id_card", "bank_card")
    written = flatten(text[found.start : found.end]).text
    return _PHONE.fullmatch(written.translate(_SPOKEN_DIGITS)) is not None


def masked(body: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The body with its particulars and contact ids masked (138****1234), and where; every offset stays as it was."""
    flat = flatten(body)
    stretches = [(found.category, found.start, found.end) for found in find_particulars(body)]
    for category, match in contacts_in(flat.text):
        start, end = flat.span(*match.span("id"))
        if not any(start < other_end and other < end for _, other, other_end in stretches):
            stretches.append((category, start, end))
    for category, start, end in stretches:
        body = body[:start] + mask(category, body[start:end]) + body[end:]
    return body, tuple(sorted((start, end) for _, start, end in stretches))


# Digits in every writing the mainland's everyday character set has.
_DIGIT = "0-9\uff10-\uff19\u2460-\u249b〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_DIGITS = re.compile(f"[{_DIGIT}]")
# So many nearly in a row as the shortest number has.
_NUMBER = re.compile(f"[{_DIGIT}](?:[^{_DIGIT}\u4e00-\u9fff]{{0,2}}[{_DIGIT}]){{9}}")
_LONG_NUMBER = re.compile(f"[{_DIGIT}](?:[^{_DIGIT}\u4e00-\u9fff]{{0,2}}[{_DIGIT}]){{14}}")
# Letters are rare: looked for first, with what stands before them.
_PLATE_BEGINS = re.compile(
    "[A-HJ-NP-Za-hj-np-z\uff21-\uff5a](?:(?<=[{0}].)|(?<=[{0}] .))".format(
        "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
    )
)
_HOUSE_SIGN = re.compile("[楼栋幢座#\uff03]")
_DOOR = re.compile("[0-9\uff10-\uff19〇零一二三四五六七八九十][室房户]")


def _worth_trying(text: str) -> Sequence[Reading]:
    """Of an everyday text only the readings it has enough digits and letters for: most texts have none."""
    if not is_common(text):
        return _READINGS
    digits = len(_DIGITS.findall(text))
    if digits < 3 and "@" not in text and "＠" not in text:
        return ()
    chosen: list[Reading] = []
    if "@" in text or "＠" in text:
        chosen.append(_MAIL)
    if digits >= 15 and _LONG_NUMBER.search(text):
        chosen += _LONG
    if _PLATE_BEGINS.search(text):
        chosen.append(_CAR)
    if _may_name_door(text):
        chosen.append(_HOME)
    if digits >= 10 and _NUMBER.search(text):
        chosen += _CALLS
    return chosen


def _may_name_door(text: str) -> bool:
    return bool(
        "单元" in text
        or ("-" in text and text.count("-") >= 2)
        or (("室" in text or "房" in text or "户" in text) and _DOOR.search(text) and _HOUSE_SIGN.search(text))
    )


def _candidates(text: str, readings: Sequence[Reading]) -> Iterator[tuple[str, int, int]]:
    for category, pattern, holds in readings:
        for match in pattern.finditer(text):
            if holds(match):
                yield category, *match.span()
    if _MOBILE in readings and (spoken := text.translate(_SPOKEN_DIGITS)) != text:
        for match in _PHONE.finditer(spoken):
            yield "phone", *match.span()


def _is_private_line(match: re.Match[str]) -> bool:
    """No office's: those say what they are for right before the number."""
    return not _PUBLISHED.search(match.string[max(match.start() - _BEFORE, 0) : match.start()])


def _is_home(match: re.Match[str]) -> bool:
    return not _OPEN_TO_ALL.match(match.string, match.end())


def _bare(written: str) -> str:
    """The number without what was written between its digits."""
    return re.sub(r"[^0-9Xx]", "", written)


Reading = tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]]
_MAIL: Reading = ("email", _EMAIL, lambda match: not _OFFICE.search(match[0]))
_CAR: Reading = ("plate", _PLATE, lambda match: True)
_HOME: Reading = ("address", _ADDRESS, _is_home)
_MOBILE: Reading = ("phone", _PHONE, lambda match: True)
_LONG: tuple[Reading, ...] = (
    ("id_card", _ID_18, lambda match: is_identity_18(_bare(match[0]))),
    ("bank_card", _CARD, lambda match: is_card(_bare(match[0]))),
    ("id_card", _ID_15, lambda match: is_identity_15(_bare(match[0]))),
)
_CALLS: tuple[Reading, ...] = (_MOBILE, ("phone", _LANDLINE, _is_private_line))
# The most exact reading first: what it covers is not read again as something vaguer.
_READINGS: tuple[Reading, ...] = (_MAIL, *_LONG, _CAR, _HOME, *_CALLS)
