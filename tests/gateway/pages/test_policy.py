"""本室规则 without a script: every rule there is, and who changed them."""

from __future__ import annotations

import pytest

from gateway import i18n
from rooms.model import Policy
from tests.gateway.api.conftest import Edge
from tests.gateway.pages.conftest import browser

pytestmark = pytest.mark.anyio
# What is on the page under one name: who is not read first.
_FIRST = {"premoderate", "trust"}


async def test_every_rule_of_the_policy_stands_on_the_page(edge: Edge) -> None:
    room = (await edge.a_room(policy={"two_person": True}))["id"]
    moderator = await browser(edge).sign_in("moderator1")
    page = (await moderator.get(f"/desk/rooms/{room}/policy")).text
    catalogue = i18n.catalogue("zh-CN")
    names = {"first", *(set(Policy.__dataclass_fields__) - _FIRST)}
    rules = [catalogue[f"policy.rule.{'slow' if name == 'slow_ms' else name}"] for name in sorted(names)]
    assert [rule for rule in rules if f"<b>{rule}</b>" not in page] == []
    assert catalogue["policy.two_person.true"] in page
