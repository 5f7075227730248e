"""One city for all of these tests: every fault is healed before the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.city import City, build_city


@pytest.fixture(scope="session")
def built_city() -> Iterator[City]:
    with build_city() as built:
        yield built


@pytest.fixture
def city(built_city: City) -> Iterator[City]:
    yield built_city
    built_city.heal()
