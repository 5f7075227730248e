"""People's particulars are found in every usual writing; fares, dates and document numbers are not taken for them.

All numbers here are made up: no telephone of the ranges used is a person's, and check digits are computed.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.identity import is_card, is_identity_15, is_identity_18
from moderation.personal import find_particulars

ID_18 = "11010519491231002X"  # the example of the national standard itself
CARD = "6222021234567890128"


def read(text: str) -> list[tuple[str, str]]:
    return [(found.category, text[found.start : found.end]) for found in find_particulars(text)]


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "1380-013-8000",
        "138－0013－8000",
        "138.0013.8000",
        "138—0013—8000",
        "+86 138 0013 8000",
        "+8613800138000",
        "86-13800138000",
        "008613800138000",
        "１３８００１３８０００",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
        "1 3 8 0 0 1 3 8 0 0 0",
        "138\u200b0013\u200b8000",
        "一三八零零一三八零零零",
        "幺三八〇〇幺三八〇〇〇",
    ],
)
def test_mobile_numbers(written: str) -> None:
    assert read(f"请打{written}，找我") == [("phone", written)]


@pytest.mark.parametrize(
    "written", [ID_18, ID_18.lower(), "110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_identity_numbers(written: str) -> None:
    assert read(f"身份证{written}。") == [("id_card", written)]


def test_identity_numbers_of_the_old_form() -> None:
    assert read("证号110105491231002，已换发") == [("id_card", "110105491231002")]


@pytest.mark.parametrize(
    "written", ["0532-85911234", "（0532）8591 1234", "010 6591 1234", "０５３２－８５９１１２３４"]
)
def test_fixed_lines_at_home(written: str) -> None:
    assert read(f"我家电话{written}，晚上在") == [("phone", written)]


@pytest.mark.parametrize("written", ["鲁B·T1234", "鲁BT1234", "鲁 B T1234", "京AD12345", "鲁b12345", "粤Z1234港"])
def test_plates(written: str) -> None:
    assert read(f"车牌{written}闯红灯") == [("plate", written)]


@pytest.mark.parametrize(
    "written", ["3号楼2单元501", "5栋1203室", "2单元501", "12-3-401", "三号楼二单元五〇一室", "4#1501房"]
)
def test_the_door_somebody_lives_at(written: str) -> None:
    assert read(f"我住{written}，楼上漏水") == [("address", written)]


@pytest.mark.parametrize("written", [CARD, "6222 0212 3456 7890 128", "6222-0212-3456-7890-128"])
def test_bank_cards(written: str) -> None:
    assert read(f"卡号：{written}") == [("bank_card", written)]


def test_e_mail_but_not_an_office_that_wants_to_be_written_to() -> None:
    assert read("写给 lin.xm+fare@example.com 或ｍｏ＠example.org") == [
        ("email", "lin.xm+fare@example.com"),
        ("email", "ｍｏ＠example.org"),
    ]
    assert read("写给 wjj@price.example.gov.cn") == []


def test_each_stretch_is_read_once_and_the_most_exact_reading_wins() -> None:
    assert read(f"{ID_18} 13800138000") == [("id_card", ID_18), ("phone", "13800138000")]


@pytest.mark.parametrize(
    "text",
    [
        "起步价 3 元，6 公里 4 元，15 公里 6 元，一个月 132 元",
        "2015 年 11 月 18 日 14:00–16:08，2015-11-18 14:37:20",
        "青价费〔2015〕138 号，文件编号 20151118001380",
        "131、132、135、138、150 路公交车都经过这里",
        "热线 12345，总机 0532-85911234，传真 0532-8591 1234",
        "票价 13.50 14.60 150 元",
        "总投资 13800138000.50 元",
        "订单号 2015111813800138000123",
        "编号 138001380001",  # twelve digits
        "合同额 1,380,013,800 元",
        "0000-00000000",
        "6222021234567890129",  # fails Luhn
        "110105194912310021",  # fails the check digit
        "110105194913310020",  # no thirteenth month
        "990105491231002",  # no such province
        "6666666666666666",
        "3 5 8 13 21 34 55 89 144",
        "A000138001380",
        "市民服务热线 0532-85911234，办公室电话0532-85911235",
        "中山路 12 号的 3 号楼，5 栋和 6 栋之间，2 单元门口",
        "5栋105商铺，1-2-245号商铺，2019-3-12",
        "2单元2018年装修，一单元100多户，9栋724户及会所",
        "鲁B 是本地车，青A1 线，京A",
        "",
    ],
)
def test_what_is_nobodys(text: str) -> None:
    assert read(text) == []


def test_check_digits() -> None:
    assert is_identity_18(ID_18)
    assert not is_identity_18("110105194912310020")
    assert is_identity_15("110105491231002")
    assert not is_identity_15("110105490231002")
    assert is_card(CARD)
    assert not is_card("6222021234567890129")


@given(st.text(alphabet="0123456789 -.+xX@a京一二〇：", max_size=200))
def test_findings_lie_within_the_text_in_order_and_apart(text: str) -> None:
    found = find_particulars(text)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
