"""A store with the demo in it, seeded once and copied for each test."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from kernel.clock import FrozenClock
from persistence.store import open_store
from wenzheng.demo import seed_demo


async def unhashed(password: str) -> str:
    """Hashing is tested where it lives, and costs a sixth of a second."""
    return "hash of " + password


@pytest.fixture(scope="session")
def demo_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seeded by a clock that stands where every frozen clock begins."""
    template = tmp_path_factory.mktemp("demo") / "demo.db"
    shutil.copyfile(sqlite_template, template)

    async def seed() -> None:
        clock = FrozenClock()
        store = await open_store(f"sqlite:///{template}", clock=clock)
        await seed_demo(store, clock, hash_one=unhashed)
        await store.close()

    asyncio.run(seed())
    return template


@pytest.fixture
def demo_url(demo_template: Path, tmp_path: Path) -> str:
    shutil.copyfile(demo_template, tmp_path / "demo.db")
    return f"sqlite:///{tmp_path / 'demo.db'}"
