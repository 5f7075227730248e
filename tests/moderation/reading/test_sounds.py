"""Syllables without tones; those people confuse are one."""

from __future__ import annotations

import pytest

from moderation.reading.sounds import SILENT, SOUNDS, SPELLINGS, code, near, sounds_like, syllables


def test_readings_have_no_tones_and_only_usual_ones() -> None:
    assert syllables("赌") == ("du",)
    assert syllables("行") == ("xing", "hang")
    assert syllables("庄") == ("zhuang",)
    assert syllables("女") == ("nv",)
    assert syllables("😀") == ()


@pytest.mark.parametrize(
    ("one", "other"), [("zhi", "zi"), ("chang", "can"), ("ning", "lin"), ("hua", "fa"), ("ren", "len")]
)
def test_neighbouring_sounds_are_one(one: str, other: str) -> None:
    assert near(one) == near(other)
    assert code(one) == code(other)


def test_others_are_not() -> None:
    assert len({code(said) for said in ("bo", "po", "du", "tu", "na", "a", "han", "hun")}) == 8


def test_homophones_have_the_very_same_sound() -> None:
    assert sounds_like("赌", "堵")
    assert sounds_like("行", "航")
    assert not sounds_like("赌", "吐")


def test_a_text_can_be_heard_and_spelled() -> None:
    assert "赌博".translate(SOUNDS) == "堵伯".translate(SOUNDS)
    assert "a赌".translate(SOUNDS)[0] == SILENT
    assert "赌博".translate(SPELLINGS) == "dubo"
