"""Folding forgets how a text is written and remembers where every character stood."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moderation.folding import flatten, fold


def test_full_width_circled_and_invisible_writing_becomes_plain() -> None:
    assert flatten("ＡＢＣ１２３ ①a\u200bb").text == "ABC123 1ab"


def test_fold_leaves_only_letters_and_numbers_without_case() -> None:
    assert fold("地-铁 票…价！ＯＫ").text == "地铁票价ok"


def test_a_span_leads_back_to_the_source() -> None:
    source = "说：敏\u200b 感－词。"
    folded = fold(source)
    start = folded.text.index("敏感词")
    begin, end = folded.span(start, start + 3)
    assert source[begin:end] == "敏\u200b 感－词"


def test_a_character_that_becomes_several_is_one_in_the_source() -> None:
    folded = fold("㎞数")
    assert folded.text == "km数"
    assert folded.span(0, 2) == (0, 1)


@given(st.text(max_size=60))
def test_every_folded_character_has_an_origin_in_order(source: str) -> None:
    folded = fold(source)
    assert len(folded.text) == len(folded.origin)
    assert list(folded.origin) == sorted(folded.origin)
    assert all(0 <= index < len(source) for index in folded.origin)
