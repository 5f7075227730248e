"""The term is told from ordinary words it only seems to stand in."""

from __future__ import annotations

import pytest

from moderation.reading.ordinary import seldom, words


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("请在线下注意安全", "下注"),
        ("替代开发方案", "代开"),
        ("违法办证券业务", "办证"),
        ("买卖淫秽物品", "卖淫"),
        ("枪支持者", "枪支"),
        ("妈妈的建议", "妈的"),
        ("請在線下注意安全", "下注"),
    ],
)
def test_ordinary_words_are_likelier(text: str, term: str) -> None:
    start = text.index(term)
    assert words(text).read_otherwise(start, start + len(term))


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("贩毒品的人", "毒品"),
        ("网上赌博网站", "赌博"),
        ("冰毒贩子", "冰毒"),
        ("卖淫嫖娼", "卖淫"),
        ("砸锅卖铁", "砸锅"),
        ("黑车站台", "黑车"),
    ],
)
def test_the_term_is_as_likely(text: str, term: str) -> None:
    start = text.index(term)
    assert not words(text).read_otherwise(start, start + len(term))


def test_words_know_where_they_begin_and_end() -> None:
    cut = words("天黑，车没来")
    assert [cut.begins(index) for index in range(6)] == [True, False, True, True, True, True]
    assert [cut.ends(index) for index in range(6)] == [False, True, True, True, True, True]
    assert cut.alone(3)
    assert not cut.alone(0)
    assert cut.within(1, 0, 2)
    assert not cut.within(1, 1, 3)


def test_characters_in_everybodys_mouth_are_no_disguise() -> None:
    assert seldom("睹搏")
    assert not seldom("做受")
