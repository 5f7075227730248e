"""A number in a question holds it under rule 3, and the reason does not repeat the number."""

from __future__ import annotations

from moderation.phases.personal import judge
from moderation.verdicts import Strength
from tests.moderation.phases.judging import ask


def test_a_telephone_number_holds_the_post_and_is_not_repeated() -> None:
    body = "请回电 138 0013 8000，谢谢"
    verdict = ask(judge, body)
    assert verdict is not None
    assert verdict.strength is Strength.HOLD
    (reason,) = verdict.reasons
    assert reason.to_wire() == {"phase": "personal", "category": "phone", "from": 4, "to": 17, "rule": 3}
    assert body[4:17] == "138 0013 8000"


def test_a_fare_is_no_number_of_anybodys() -> None:
    assert ask(judge, "起步价 3 元，一年 1380 元，13 站以内") is None
