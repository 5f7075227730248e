"""Characters taken apart all the way, the same whichever way they were written."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.reading import components
from moderation.reading.component_table import LEADING, TRAILING, WHOLES
from moderation.reading.components import apart, decompositions, families, openings, typed, writings
from moderation.reading.views import HANZI


def test_the_tables_are_pairs() -> None:
    for line in (LEADING + TRAILING).split("\n"):
        if line:
            radical, pairs = line.split(" ")
            assert len(radical) == 1
            assert len(pairs) % 2 == 0
    for written in WHOLES.split():
        whole, parts = written.split("=")
        assert len(whole) == 1
        assert len(parts) >= 2
        assert whole not in parts


def test_parts_of_parts() -> None:
    assert apart("赌") == apart("贝") + apart("者")
    assert apart("法") == "水" + apart("去")
    assert apart("一") == "一"
    assert "".join(map(apart, "亻尔")) == apart("你")


def test_what_is_commonly_split_has_parts() -> None:
    assert all(character in decompositions() for character in "锭辉劫疯铭纲帆药")


def test_the_rest_is_written_once_and_as_a_text_is_seen() -> None:
    rest = (Path(components.__file__).parent / "data" / "apart.txt").read_text(encoding="utf-8").split()
    assert len(set(rest)) == len(rest)
    assert not set(rest) & set(WHOLES.split())
    for written in rest:
        whole, parts = written[0], written[2:]
        assert written[1] == "="
        assert len(parts) >= 2
        assert all(HANZI[ord(each)] in (each, typed(each)) for each in whole + parts)


@pytest.mark.parametrize(
    ("character", "written"),
    [
        ("裕", "衤谷"),
        ("裕", "礻谷"),
        ("裕", "衣谷"),
        ("祥", "衤羊"),
        ("套", "大长"),
        ("花", "十十化"),
        ("花", "草化"),
        ("建", "走聿"),
    ],
)
def test_a_radical_is_typed_as_one_near_it(character: str, written: str) -> None:
    assert "".join(map(apart, written)) in (apart(character), *writings(character))
    assert any(written.startswith(opening) for opening in openings(character))


def test_radicals_are_what_people_type_for_them() -> None:
    assert typed("氵") == "水"
    assert typed("水") == "水"


def test_several_ways_to_write_one() -> None:
    assert len(writings("毒")) > 1
    assert set(writings("逼")) == {apart("辶") + apart("畐"), apart("畐") + apart("辶")}
    assert writings("一") == ()


def test_families_share_their_main_part() -> None:
    assert families()["清"] == families()["情"] == "青"


def test_nothing_is_a_part_of_itself() -> None:
    for whole, ways in decompositions().items():
        assert all(whole not in way for way in ways)
