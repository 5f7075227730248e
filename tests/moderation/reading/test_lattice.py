"""Every way to read a text's signs is tried along the sorted terms, up to a bound."""

from __future__ import annotations

import pytest

from moderation.reading.lattice import STEPS_MAX, Lattice, TooManyWays
from moderation.reading.signs import signs_in
from moderation.reading.views import MIXED_SHAPES


def ways(terms: list[str], source: str) -> list[str]:
    shapes = [term.translate(MIXED_SHAPES) for term in terms]
    return list(Lattice(shapes, terms).ways(source, signs_in(source), lambda each: MIXED_SHAPES[ord(each)]))


def test_only_ways_that_hold_a_term() -> None:
    assert ways(["heroin", "hero"], "买н€roiп吗") == ["买heroiп吗", "买heroin吗"]
    assert ways(["telegram"], "买н€roiп吗") == []


def test_of_letters_that_look_the_same_those_of_the_term() -> None:
    assert ways(["viagra"], "v|agra") == ["viagra"]
    assert ways(["slot"], "s|ot") == ["slot"]


def test_something_between_and_repetitions() -> None:
    assert "s-ee-x" in ways(["sex"], "s-€€-x")


def test_one_unknown_letter_among_three_known_ones_at_most() -> None:
    assert ways(["telegram"], "teleꙮram") == ["telegram"]
    assert ways(["tg"], "tꙮ") == []
    assert ways(["telegram"], "ꙮꙮꙮꙮgram") == []


def test_the_steps_are_bounded() -> None:
    with pytest.raises(TooManyWays):
        ways([letter * 3 + other for letter in "hnumkbo" for other in "abc"], "нпияшцзбдлчф" * STEPS_MAX)
