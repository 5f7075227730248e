"""The term is told from ordinary words it only seems to stand in."""

from __future__ import annotations

import pytest

from moderation.reading.ordinary import is_word, seldom, words


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
        ("增加微信缴费的窗口", "加微信"),
        ("社区集体资金盘点结果", "资金盘"),
        ("别拉人头发", "拉人头"),
        ("老虎机灵得很", "老虎机"),
    ],
)
def test_ordinary_words_are_likelier(text: str, term: str) -> None:
    start = text.index(term)
    assert words(text, start, start + len(term)).read_otherwise(start, start + len(term))


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("贩毒品的人", "毒品"),
        ("网上赌博网站", "赌博"),
        ("冰毒贩子", "冰毒"),
        ("卖淫嫖娼", "卖淫"),
        ("砸锅卖铁", "砸锅"),
        ("黑车站台", "黑车"),
        ("要加微信吗", "加微信"),
        ("他们聚众赌博被抓", "赌博"),
        ("搞个资金盘跑路", "资金盘"),
    ],
)
def test_the_term_is_as_likely(text: str, term: str) -> None:
    start = text.index(term)
    assert not words(text, start, start + len(term)).read_otherwise(start, start + len(term))


def test_words_know_where_they_begin_and_end() -> None:
    cut = words("天黑，车没来", 0, 6)
    assert [cut.begins(index) for index in range(6)] == [True, False, True, True, True, True]
    assert [cut.ends(index) for index in range(6)] == [False, True, True, True, True, True]
    assert cut.alone(3)
    assert not cut.alone(0)
    assert cut.within(1, 0, 2)
    assert not cut.within(1, 1, 3)


def test_characters_in_everybodys_mouth_are_no_disguise() -> None:
    assert seldom("睹搏")
    assert not seldom("做受")


def test_only_what_stands_around_is_cut() -> None:
    far = "。" * 1_000
    cut = words(far + "请在线下注意安全" + far, 1_003, 1_005)
    assert cut.ends(1_003)
    assert not cut.ends(1_004)


def test_a_word_has_several_characters() -> None:
    assert is_word("安全")
    assert is_word("偷排")
    assert not is_word("安")
    assert not is_word("睹搏")
