"""拆字: characters written in parts are put together where a term is, and nowhere else."""

from __future__ import annotations

import pytest

from moderation.reading.composed import Composed

TERMS = dict(enumerate(["赌博", "贩毒", "强迫", "好人", "屌", "你", "加vx", "加薇", "祛痘"]))


def found(body: str) -> list[tuple[str, str]]:
    return [(TERMS[name], body[start:end]) for name, start, end in Composed(TERMS).find(body)]


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("去贝者博", "贝者博"),
        ("去赌十尃", "赌十尃"),
        ("去貝者十尃", "貝者十尃"),
        ("去贝-者-博", "贝-者-博"),
        ("贝反主母", "贝反主母"),
        ("弓虽迫", "弓虽迫"),
        ("真尸吊", "尸吊"),
        # Two ways to bend it at once.
        ("快力口vx", "力口vx"),
        # Several characters, each in its parts, and a radical by one near it.
        ("请力口艹微", "力口艹微"),
        ("请力口薇", "力口薇"),
        ("请力口十十微", "力口十十微"),
        ("专业礻去疒豆", "礻去疒豆"),
        ("贝\n者\n博", "贝\n者\n博"),
        ("贝.者.十.尃", "贝.者.十.尃"),
        ("贝贝者者博博", "贝贝者者博博"),
    ],
)
def test_parts_side_by_side(body: str, written: str) -> None:
    assert [stretch for _, stretch in found(body)] == [written]


@pytest.mark.parametrize("body", ["宝贝，者说博", "赌博", "女子人", "贝。者博", "贝者", "贝.者十.尃", "力口vxa", ""])
def test_what_is_no_character_in_parts(body: str) -> None:
    assert found(body) == []
