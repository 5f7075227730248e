"""Addresses and contact ids wait; fares, decimals and government sites do not."""

from __future__ import annotations

import pytest

from moderation.phases.links import judge
from tests.moderation.phases.judging import ask


def leads(body: str) -> list[tuple[str | None, str]]:
    verdict = ask(judge, body)
    return [] if verdict is None else [(reason.category, body[reason.start : reason.end]) for reason in verdict.reasons]


@pytest.mark.parametrize(
    ("body", "category", "written"),
    [
        ("看https://example.com/a?b=1，很便宜", "link", "https://example.com/a?b=1"),
        ("见（http://example.org/x）", "link", "http://example.org/x"),
        ("上 www.example.com 看", "link", "www.example.com"),
        ("去example.com买票", "link", "example.com"),
        ("去 tickets.example.com.cn/metro 买", "link", "tickets.example.com.cn/metro"),
        ("ｈｔｔｐ：／／ｅｘａｍｐｌｅ．ｃｏｍ", "link", "ｈｔｔｐ：／／ｅｘａｍｐｌｅ．ｃｏｍ"),
        ("加微信：metro_card88 办卡", "wechat", "微信：metro_card88"),
        ("vx metrocard88", "wechat", "vx metrocard88"),
        ("加V：metrocard88", "wechat", "加V：metrocard88"),
        ("QQ群 12345678 进群", "qq", "QQ群 12345678"),
        ("扣扣：1234567", "qq", "扣扣：1234567"),
    ],
)
def test_leads_are_found_where_they_stand(body: str, category: str, written: str) -> None:
    assert leads(body) == [(category, written)]


@pytest.mark.parametrize(
    "body",
    [
        "起步价 2.5 元，全程 8.6 公里，3.14 也不行",
        "见 https://price.example.gov.cn/notice/12 的公告",
        "www.example.gov.cn 上有",
        "微信公众号查不到，用微信支付可以吗",
        "QQ 上有人说起步价定了 5 元",
        "e.g. this, i.e. that; no.1",
        "写信到 lin@example.com",  # an address of a person: the business of another phase
    ],
)
def test_what_leads_nowhere_passes(body: str) -> None:
    assert leads(body) == []


def test_rule_four_is_named() -> None:
    verdict = ask(judge, "看 example.com")
    assert verdict is not None
    assert [reason.rule for reason in verdict.reasons] == [4]
