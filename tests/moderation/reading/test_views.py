"""A view leaves out what does not matter, draws repetitions together and remembers where everything stood."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moderation.reading.views import HANZI_SHAPES, View, hanzi, mixed, ways_to_see


def test_chinese_characters_only() -> None:
    assert hanzi("我a赌 3，博！賭").text == "我赌博赌"
    assert mixed("我a赌 3，博！ＶＸ").text == "我a赌3博vx"


def test_repetitions_are_one_and_remember_their_number() -> None:
    view = hanzi("赌-赌博博博")
    assert (view.text, view.whole) == ("赌博", "赌赌博博博")
    assert view.runs == [(0, 2, 2), (3, 5, 3)]


def test_strokes_between_characters_are_marks() -> None:
    assert hanzi("赌丶博").text == "赌博"


def test_what_shows_a_character_may_be_a_mark() -> None:
    assert ways_to_see("吃😀屎") == ["吃😀屎"]
    assert [hanzi(way).text for way in ways_to_see("吃🀄屎")] == ["吃中屎", "吃屎"]


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("赌博貝㎞a1 丶\u200b")), max_size=60))
def test_every_character_has_its_origin(source: str) -> None:
    for look in (hanzi, mixed):
        view = look.__wrapped__(source)
        assert isinstance(view, View)
        assert len(view.runs) == len(view.text)
        assert sum(count for _, _, count in view.runs) == len(view.whole)
        places = [place for first, last, _ in view.runs for place in (first, last)]
        assert places == sorted(places)
        assert all(0 <= place < len(source) for place in places)
        assert all(here != after for here, after in zip(view.text, view.text[1:], strict=False))


def test_everyday_characters_look_the_same_whichever_table_is_asked() -> None:
    text = "".join(bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF))
    assert HANZI_SHAPES.of_common(text) == text.translate(HANZI_SHAPES)
