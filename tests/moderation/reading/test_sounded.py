"""谐音: other characters of the same sound are taken for the term, ordinary words of that sound are not."""

from __future__ import annotations

import pytest

from moderation.reading.sounded import Sounded

TERMS = dict(enumerate(["赌博", "枪支", "冰毒", "海洛因", "信用卡套现", "银行卡", "贷款", "发票", "时时彩", "他妈的"]))


def found(body: str) -> list[tuple[str, str]]:
    return [(TERMS[name], body[start:end]) for name, start, end in Sounded(TERMS).find(body)]


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("我想堵伯啊", "堵伯"),
        ("参与睹-博", "睹-博"),
        ("都是兵毒", "兵毒"),
        ("卖海落因的", "海落因"),
        ("海螺螺因", "海螺螺因"),
        ("我的银航卡", "银航卡"),
        ("信佣卡套线", "信佣卡套线"),
        ("开法票的", "法票"),
    ],
)
def test_the_same_sound(body: str, written: str) -> None:
    assert [stretch for _, stretch in found(body)] == [written]


@pytest.mark.parametrize(
    "body",
    [
        "强制措施",
        "病毒很厉害",
        "带宽不够",
        "他们的问题",
        "孩子读博",
        "当时才知道",
        "说堵，伯伯来了",
        "赌博",  # as it is written: another finder's business
        "",
    ],
)
def test_ordinary_words_of_that_sound(body: str) -> None:
    assert found(body) == []


def test_one_character_sounds_like_too_much() -> None:
    assert list(Sounded({0: "操"}).find("草")) == []
