"""One running server for the tests that need nothing special of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.engine.running import House, house


@pytest.fixture(scope="module")
def server() -> Iterator[House]:
    with house() as running:
        yield running
