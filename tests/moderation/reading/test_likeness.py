"""Characters measured as alike stand for each other, where they are no words of their own."""

from __future__ import annotations

import pytest

from moderation.reading.likeness import likeable, likest, likest_shapes
from moderation.reading.lookalikes import alike
from moderation.wordlist import WordList
from tests.moderation.test_wordlist import found

WORDS = WordList.parse("贷款\n办假证\n收银行卡\n加微信\n赌资\n杀猪盘\n")


@pytest.mark.parametrize(
    ("meant", "others"), [("假", "徦暇"), ("贷", "货"), ("改", "攺"), ("鸡", "鸠"), ("官", "宫"), ("抢", "枪呛")]
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


@pytest.mark.parametrize("body", ["欠的货款没有结", "12345热线和微信平台", "人行道上有老人"])
def test_words_of_their_own_are_none(body: str) -> None:
    assert found(WORDS, body) == []
