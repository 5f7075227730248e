"""A short stretch of `tests/load/room_page.py`: a busy room does not stall a slow phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.load import room_page
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]


async def test_twenty_items_a_second_into_a_slow_phone(server: ServerProcess, browser: Browser) -> None:
    outcome = await room_page.run(browser, server.base, 12)
    assert outcome.sent >= 12 * room_page.PER_SECOND * 0.8
    assert outcome.longest_task_ms <= room_page.LONGEST_TASK_MS, outcome
    assert outcome.most_nodes <= room_page.MOST_NODES, outcome
    assert outcome.moved_px < 2, outcome
