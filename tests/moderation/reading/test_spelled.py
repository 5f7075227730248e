"""Pinyin for a term, or for some of its characters; English, names of streets and other words are left alone."""

from __future__ import annotations

import pytest

from moderation.reading.spelled import Spelled, is_pinyin

TERMS = dict(enumerate(["赌博", "妈的", "办证", "海洛因", "银行卡", "女票", "大妈"]))


def found(body: str) -> list[tuple[str, str]]:
    return [(TERMS[name], body[start:end]) for name, start, end in Spelled(TERMS).find(body)]


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("去dubo吧", "dubo"),
        ("去 DU BO", "DU BO"),
        ("去dǔbó吧", "dǔbó"),
        ("du3bo2", "du3bo"),
        ("去ｄｕｂｏ", "ｄｕｂｏ"),
        ("去d u b o吧", "d u b o"),
        ("du博吧", "du博"),
        ("赌bo吧", "赌bo"),
        ("赌*bo吧", "赌*bo"),
        ("woyaodubo", "dubo"),
        ("买hai洛yin", "hai洛yin"),
        ("银hang卡", "银hang卡"),
        ("d~u博", "d~u博"),
        ("赌b※o", "赌b※o"),
        ("nvpiao", "nvpiao"),
        ("nüpiao", "nüpiao"),
        ("nǚ piào", "nǚ piào"),
        # Two ways to bend it at once.
        ("去dduubboo吗，hhaaiilluuooyyiinn", "hhaaiilluuooyyiinn"),
        ("买hailuoooyin", "hailuoooyin"),
        ("d\nu\nb\no", "d\nu\nb\no"),
        ("赌\nb\no", "赌\nb\no"),
        ("h.a.i.l.u.o.y.i.n", "h.a.i.l.u.o.y.i.n"),
        ("去ha iluoyin吗", "ha iluoyin"),
        ("睹bo吧", "睹bo"),
        ("买hαιluoуin", "hαιluoуin"),
        ("买hail0uyin或hailu0yin", "hailu0yin"),
        ("银hang咔", "银hang咔"),
    ],
)
def test_spelled_in_pinyin(body: str, written: str) -> None:
    assert [stretch for _, stretch in found(body)] == [written]


@pytest.mark.parametrize(
    "body",
    [
        "made in China",
        "dubois",
        "damage",
        "赌b",
        "dub o",
        "读 bozhou",
        "A市B区",
        "du，然后。bo",
        "赌博",
        "办公 zhengzhou",
        "she said ha iluoyin to me",
        "A3区博a市",
        "",
    ],
)
def test_other_words(body: str) -> None:
    assert found(body) == []


def test_whether_letters_are_syllables() -> None:
    assert is_pinyin("woyao")
    assert is_pinyin("xian")
    assert not is_pinyin("street")
