"""A fresh node for each story."""

from __future__ import annotations

import pytest

from tests.gateway.live.house import House


@pytest.fixture
async def house() -> House:
    return House()
