"""A demo server and a Chromium for the browser tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.accounts.portal import PORTAL, SHARED
from tests.e2e.people import chromium
from tests.e2e.stage import Stage, build_stage
from tests.services.server import ROOT, ServerProcess


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    built = ROOT / "gateway" / "static" / "manifest.json"
    assert built.exists(), "the front end is not built: run `make web`"
    # Everybody in these tests comes from one address, and a quick machine signs them in faster than people would.
    many = {"WENZHENG_LIMITS__SIGN_INS_PER_MINUTE": "600"}
    city = {
        "WENZHENG_VOUCHING__SECRET": SHARED,
        "WENZHENG_VOUCHING__URL": PORTAL,
        "WENZHENG_VOUCHING__NAME": "市民卡",
    }
    process = ServerProcess(Path(tmp_path_factory.mktemp("browser")), "--demo", settings=many | city).start()
    yield process
    assert process.stop() == 0, process.log()[-4000:]


_stages: dict[str, Stage] = {}


@pytest.fixture
async def stage(server: ServerProcess) -> Stage:
    """The rooms that screens are shown with, made once by whichever test is first."""
    if server.base not in _stages:
        _stages[server.base] = await build_stage(server.base)
    return _stages[server.base]


@pytest.fixture(scope="session")
async def one_chromium(anyio_backend: str) -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


@pytest.fixture
async def browser(one_chromium: Browser) -> AsyncIterator[Browser]:
    """One process for all tests, a clean sheet for each: people live in contexts, which end with the test."""
    yield one_chromium
    for context in one_chromium.contexts:
        await context.close()
