"""A fresh world for each story."""

from __future__ import annotations

import pytest

from tests.rooms.world import World


@pytest.fixture
async def world() -> World:
    return World()
