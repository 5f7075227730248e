"""A second node beside the one under test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kernel.clock import FrozenClock
from persistence.store import Store, open_store


@pytest.fixture
async def other(store_url: str, clock: FrozenClock) -> AsyncIterator[Store]:
    """Another process's store on the same database."""
    opened = await open_store(store_url, clock=clock)
    yield opened
    await opened.close()
