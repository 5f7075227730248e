"""Too long is refused, marks alone wait, anything with a word in it passes."""

from __future__ import annotations

import pytest

from moderation.phases.length import judge
from moderation.verdicts import Strength
from tests.moderation.fake_store import RESPONDENT
from tests.moderation.phases.judging import ask, categories


def test_longer_than_a_netizen_may_is_refused_and_staff_may_write_more() -> None:
    verdict = ask(judge, "字" * 2001)
    assert verdict is not None
    assert verdict.strength is Strength.REFUSE
    assert (verdict.reasons[0].start, verdict.reasons[0].end) == (2000, 2001)
    assert ask(judge, "字" * 2000) is None
    assert ask(judge, "字" * 10_000, author=RESPONDENT) is None


@pytest.mark.parametrize("body", ["？？？", "……", "!!!", "—— ——", "👍👍"])
def test_marks_alone_wait(body: str) -> None:
    verdict = ask(judge, body)
    assert categories(verdict) == ["marks_only"]
    assert verdict is not None
    assert verdict.strength is Strength.HOLD


@pytest.mark.parametrize("body", ["顶", "3", "x", "2 元？"])
def test_a_single_word_is_a_post(body: str) -> None:
    assert ask(judge, body) is None
