"""What the eye takes for the same stands for the same."""

from __future__ import annotations

import pytest

from moderation.reading.lookalikes import alike


@pytest.mark.parametrize(
    "group",
    ["己已巳", "未末", "日曰", "赌睹", "博搏膊", "清情精", "微徽薇", "票漂嫖飘", "佣拥", "站沾", "仿彷", "迷谜眯"],
)
def test_they_look_alike(group: str) -> None:
    assert len(set(map(alike, group))) == 1


def test_others_do_not() -> None:
    assert len(set(map(alike, "问政起步价元站"))) == 7
