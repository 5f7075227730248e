"""The same again waits, again and again is refused; questions that merely resemble each other pass."""

from __future__ import annotations

import pytest

from moderation.phases.repetition import FLOOD, judge
from moderation.verdicts import Strength
from tests.moderation.phases.judging import ask, categories

FARE = "每天通勤两趟，起步 3 元一个月要多花四十多块，能不能起步 2 元，远的再多收一点？"


def test_the_same_text_again_waits_however_it_is_dressed_up() -> None:
    for again in (FARE, FARE.replace("，", "  ") + "！！", FARE + "…"):
        verdict = ask(judge, again, recent=(FARE,))
        assert categories(verdict) == ["duplicate"]
        assert verdict is not None
        assert (verdict.strength, verdict.reasons[0].rule) == (Strength.HOLD, 6)


def test_nearly_the_same_waits_too() -> None:
    assert categories(ask(judge, FARE.replace("一点？", "一些？"), recent=("别的", FARE))) == ["duplicate"]


def test_over_and_over_is_flooding() -> None:
    assert categories(ask(judge, FARE, recent=(FARE,) * (FLOOD - 1))) == ["duplicate"]
    verdict = ask(judge, FARE, recent=(FARE,) * FLOOD)
    assert verdict is not None
    assert (verdict.strength, verdict.reasons[0].rule) == (Strength.REFUSE, 5)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("支持第一种方案", "支持第二种方案"),
        ("请问 2 号线什么时候开工，会经过我们小区吗？", "请问 3 号线什么时候开工，会经过我们小区吗？"),
        ("question number 1 from client 7 about the fare", "question number 2 from client 7 about the fare"),
        (FARE, "学生卡和老年卡以后还打折吗？换乘公交有没有优惠，多久之内算一次换乘？"),
        (FARE, "同意"),
    ],
)
def test_another_question_is_another_question(earlier: str, later: str) -> None:
    assert ask(judge, later, recent=(earlier,)) is None


@pytest.mark.parametrize("body", ["啊" * 40, "太贵了" + "哈" * 12, "！" * 60 + "降价"])
def test_one_character_over_and_over_waits(body: str) -> None:
    verdict = ask(judge, body)
    assert categories(verdict) == ["run"]
    assert verdict is not None
    reason = verdict.reasons[0]
    assert len(set(body[reason.start : reason.end])) == 1
    assert verdict.strength is Strength.HOLD


@pytest.mark.parametrize(
    "body", ["太贵了！！！！！！", "哈哈哈哈哈", "方案一\n====================\n方案二", "……………………", FARE]
)
def test_emphasis_and_rules_are_ways_to_write(body: str) -> None:
    assert ask(judge, body) is None
