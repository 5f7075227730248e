"""Terms are found in one pass, and a text made to be all candidates costs no more than their bound."""

from __future__ import annotations

import pytest

from moderation.reading import written
from moderation.reading.written import Find, TooMany, Written


def test_finds_carry_the_name_of_the_term() -> None:
    finder = Written({7: "赌博", 9: "K粉"})
    assert list(finder.find("赌博和k粉")) == [(7, 0, 2), (9, 3, 5)]


def test_no_terms_no_finds() -> None:
    assert list(Written({}).find("赌博")) == []


@pytest.mark.parametrize("bound", ["CANDIDATES_MAX", "LOOKS_MAX"])
def test_candidates_are_bounded_and_what_was_not_looked_at_is_told(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, bound, 3)
    assert len(list(Written({0: "赌博"}).find("赌博" * 3))) == 3
    found: list[Find] = []
    with pytest.raises(TooMany):
        found.extend(Written({0: "赌博"}).find("赌博" * 50))
    assert len(found) == 3


def test_so_are_those_of_one_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "LOOKS_MAX", 3)
    with pytest.raises(TooMany):
        list(Written({0: "屌"}).find("屌，" * 4))


def test_repetitions_of_the_term_itself_must_be_there() -> None:
    finder = Written({0: "日日夜夜"})
    assert list(finder.find("日夜")) == []
    assert list(finder.find("日日夜夜")) == [(0, 0, 4)]
