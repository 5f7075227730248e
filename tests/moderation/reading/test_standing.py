"""What stands apart, repeated or looking alike is taken for the term where nothing else is meant."""

from __future__ import annotations

import pytest

from moderation.wordlist import WordList
from tests.moderation.test_wordlist import found

WORDS = WordList.parse("赌博\n黑车\n海洛因\n代开发票\n信用卡套现\n下注\n加微信\n套路贷\nfuck\nporn\nav\ngod\nk粉\n")


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("参与賭博吗", "賭博"),
        ("【赌】【博】", "赌】【博"),
        ("看\n赌\n博\n吧", "赌\n博"),
        ("赌😀博", "赌😀博"),
        ("赌1博", "赌1博"),
        ("赌の博", "赌の博"),
        ("赌͓̽博̽", "赌͓̽博"),
        ("海海洛洛因因", "海海洛洛因因"),
        ("海洛洛因", "海洛洛因"),
        ("睹搏网站", "睹搏"),
        ("加徽信", "加徽信"),
        ("代/开/发/票", "代/开/发/票"),
        ("小心套路；贷啊", "套路；贷"),
        ("信用咔套现", "信用咔套现"),
        ("f.u.c.k you", "f.u.c.k"),
        ("fuuuck", "fuuuck"),
        ("ffuucckk", "ffuucckk"),
        ("fц*ck", "fц*ck"),
        ("p0rn", "p0rn"),
        ("ｋ-粉", "ｋ-粉"),
    ],
)
def test_disguises(body: str, written: str) -> None:
    assert [stretch for _, stretch in found(WORDS, body)] == [written]


@pytest.mark.parametrize(
    "body",
    [
        "请在线下注意安全",
        "天黑，车没来",
        "可以代开，发票另说",
        "这是老套路。贷一点",
        "办理套路；贷款",
        "good gods",
        "p0rnography",
        "4v 电池",
        "天黑 车没来",
        "妈妈的黑 车位",
    ],
)
def test_what_only_touches(body: str) -> None:
    assert found(WORDS, body) == []


def test_a_neighbour_that_looks_alike_is_no_repetition() -> None:
    words = WordList.parse("狗官\n")
    assert found(words, "说一句狗官") == [("狗官", "狗官")]
    assert found(words, "句句狗\u0336官") == [("狗官", "狗\u0336官")]
