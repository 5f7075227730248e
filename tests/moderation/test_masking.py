"""Every particular has its mask: its owner knows it, nobody else can use it, and nothing moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.masking import mask
from moderation.personal import find_particulars, masked


@pytest.mark.parametrize(
    ("category", "written", "shown"),
    [
        ("phone", "13800138000", "138****8000"),
        ("phone", "138 0013 8000", "138 **** 8000"),
        ("phone", "+86 138-0013-8000", "+86 138-****-8000"),
        ("phone", "幺三八〇〇幺三八〇〇〇", "幺三八****八〇〇〇"),
        ("id_card", "11010519491231002X", "1101**********002X"),
        ("bank_card", "6222 0212 3456 7890", "6222 **** **** 7890"),
        ("plate", "鲁B·T1234", "鲁B·***34"),
        ("email", "lin.xm@example.com", "l*****@example.com"),
        ("wechat", "metro_card88", "m****_******"),
        ("qq", "12345678", "12******"),
        ("address", "3号楼2单元501", "*号楼*单元***"),
    ],
)
def test_each_kind_has_its_mask(category: str, written: str, shown: str) -> None:
    assert mask(category, written) == shown


def test_a_body_is_masked_where_it_stands() -> None:
    body = "我住3号楼2单元501，电话138 0013 8000，加微信：metro_card88"
    shown, spans = masked(body)
    assert shown == "我住*号楼*单元***，电话138 **** 8000，加微信：m****_******"
    assert [body[start:end] for start, end in spans] == ["3号楼2单元501", "138 0013 8000", "metro_card88"]


def test_nothing_to_mask() -> None:
    assert masked("起步价 3 元，热线 12345") == ("起步价 3 元，热线 12345", ())


@given(st.text(alphabet="0138 -+号楼单元室栋鲁Ba@.com微信一三", max_size=80))
def test_nothing_moves_and_nothing_else_changes(body: str) -> None:
    shown, spans = masked(body)
    assert len(shown) == len(body)
    covered = {index for start, end in spans for index in range(start, end)}
    assert all(shown[index] == body[index] for index in range(len(body)) if index not in covered)
    assert bool(spans) >= bool(find_particulars(body))
