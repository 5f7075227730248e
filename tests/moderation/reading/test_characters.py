"""One character, whatever it was dressed up as, becomes the plain one; what nobody sees becomes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.reading import characters
from moderation.reading.characters import Table, flat, is_common, plain


@pytest.mark.parametrize(
    ("dressed", "meant"),
    [
        ("ＦⓊ🅲🄺ⓚ", "fuckk"),
        ("🇫🇺ᴀʙ", "fuab"),
        ("ѕехСНорго", "sexchopro"),
        ("ΑΒΕαβ", "abeab"),
        ("ǔǚéłøđ", "uuelod"),
        ("❶➁⑶④٣７", "123437"),
        ("賭貝裏裡爲為羣", "赌贝里里为为群"),
        ("沢売気", "泽卖气"),
        ("⻉⾙⽕⺡⼗", "贝贝火氵十"),
        ("㊙㊎豈樂", "秘金岂乐"),
        ("🉠🉥🀄🀅", "福财中发"),
        ("🆎🆗🅿", "abokp"),
        ("〡〩㉈➉", "191010"),
    ],
)
def test_whatever_it_was_dressed_up_as(dressed: str, meant: str) -> None:
    assert "".join(map(plain, dressed)) == "".join(map(plain, meant))
    assert "".join(map(plain, meant)) == meant


@pytest.mark.parametrize("nothing", ["\u200b", "\u202e", "\u0301", "\u20dd", "\ufe0f", "\x07", "\u3164", "\U000e0101"])
def test_what_nobody_sees_is_nothing(nothing: str) -> None:
    assert flat(nothing) == plain(nothing) == ""


def test_blanks_and_marks_are_left_to_flat() -> None:
    assert [flat(each) for each in " \n，*😀"] == list(" \n,*😀")
    assert [plain(each) for each in " \n，*😀"] == [""] * 5


@given(st.text(max_size=40).map(lambda text: text + "ᴲʶᶦ"))
def test_plain_is_idempotent(text: str) -> None:
    once = "".join(map(plain, text))
    assert "".join(map(plain, once)) == once


def test_everyday_text_needs_no_simplifying() -> None:
    assert is_common("起步价 3 元，为什么？")
    assert not is_common("起步價")
    assert not is_common("起\u200b步")


def test_a_table_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(characters, "TABLE_MAX", 3)
    table = Table(str.upper)
    assert "abcdefg".translate(table) == "ABCDEFG"
    assert len(table) <= 3
