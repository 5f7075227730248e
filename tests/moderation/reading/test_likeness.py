"""Characters measured as alike stand for each other, where they are no words of their own."""

from __future__ import annotations

import pytest

from moderation.reading.likeness import closest_shapes, likeable, likest, likest_shapes
from moderation.reading.lookalikes import alike
from moderation.wordlist import WordList
from tests.moderation.test_wordlist import found

WORDS = WordList.parse("贷款\n办假证\n收银行卡\n加微信\n赌资\n杀猪盘\n")


@pytest.mark.parametrize(
    ("meant", "others"),
    [("假", "徦暇"), ("贷", "货"), ("改", "攺"), ("鸡", "鸠"), ("官", "宫"), ("抢", "枪呛"), ("宠", "庞龙")],
)
def test_what_could_be_taken_for_it(meant: str, others: str) -> None:
    assert all(likeable(other, meant) and likeable(meant, other) for other in others)
    assert meant not in likest(meant)
    assert alike(meant) not in likest_shapes(meant)


@pytest.mark.parametrize(
    ("body", "written"), [("能办徦证吗", "办徦证"), ("收锒行卡", "收锒行卡"), ("杀猪盆群", "杀猪盆")]
)
def test_a_term_with_one_of_them(body: str, written: str) -> None:
    assert [stretch for _, stretch in found(WORDS, body)] == [written]


def test_two_characters_are_not_taken_for_what_only_shares_a_part() -> None:
    assert alike("庞") in likest_shapes("宠")
    assert alike("庞") not in closest_shapes("宠")


@pytest.mark.parametrize(
    ("body", "written"), [("就是庞氐骗局", "庞氐骗局"), ("宠氏编局啊", "宠氏编局"), ("这窝襄发", "窝襄发")]
)
def test_several_of_them_beside_one_that_is_meant(body: str, written: str) -> None:
    several = WordList.parse("庞氏骗局\n窝囊废\n")
    assert [stretch for _, stretch in found(several, body)] == [written]
    without = WordList(several.terms, likest=0)
    assert found(without, "宠氏编局啊") == []


@pytest.mark.parametrize("body", ["欠的货款没有结", "12345热线和微信平台", "人行道上有老人"])
def test_words_of_their_own_are_none(body: str) -> None:
    assert found(WORDS, body) == []
