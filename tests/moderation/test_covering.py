"""What one key covers: as each kind is masked, in stretches that the command takes, and nothing unasked."""

from __future__ import annotations

import pytest

from moderation.covering import SPANS_MAX, covers
from moderation.verdicts import covered
from rooms.model import Reason

PERSONAL = (Reason("personal", category="phone", start=0, end=1),)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("我表哥的电话13812341234，起步价几元？", "我表哥的电话138****1234，起步价几元？"),
        ("电话 138 0013 8000", "电话 138 **** 8000"),
        ("电话幺三八〇〇幺三八〇〇〇", "电话幺三八****八〇〇〇"),
        ("我住3号楼2单元501", "我住*号楼*单元***"),
        ("😀13812341234", "😀138****1234"),
        ("没有了", "没有了"),
    ],
)
def test_covering_these_stretches_gives_the_masked_text(body: str, shown: str) -> None:
    assert covered(body, covers(body, PERSONAL)) == shown


def test_a_contact_that_another_phase_found_is_covered_too() -> None:
    body = "加微信：metro_card88"
    assert covered(body, covers(body, (Reason("links", category="wechat"),))) == "加微信：m****_******"


@pytest.mark.parametrize("reasons", [(), (Reason("premoderation"),), (Reason("links", category="link"),)])
def test_what_no_phase_found_is_not_looked_for(reasons: tuple[Reason, ...]) -> None:
    assert covers("13812341234", reasons) == ()


def test_there_are_never_more_than_the_command_takes() -> None:
    doors = "，".join(f"我住{n % 9 + 1}号楼2单元501" for n in range(30))
    parts = covers(doors, PERSONAL)
    assert len(parts) == 30
    assert covered(doors, parts).count("*") == sum(end - start for start, end in parts)
    many = "或".join("13812341234" for _ in range(80))
    assert len(covers(many, PERSONAL)) == SPANS_MAX
