"""Fixtures for every test: one event loop flavour, frozen time, counted ids, and stores over real databases."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kernel.clock import FrozenClock
from kernel.ids import CountingIds
from persistence.migrate import migrate
from persistence.store import Store, open_store
from tests.services.postgres import Postgres, start_postgres
from tests.services.redis import OwnRedis, Redis, fresh_prefix, own_cluster, start_redis
from tests.services.redis_binaries import APT_LINE

pytest_plugins = ["tests.second_try"]

# The same examples for everybody: a change is judged, not the day, nor how busy the machine is.
# `--hypothesis-profile=default` seeks new ones.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def ids() -> CountingIds:
    return CountingIds()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty file to copy for each test."""
    template = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{template}")
    return template


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copyfile(sqlite_template, tmp_path / "wenzheng.db")
    return f"sqlite:///{tmp_path / 'wenzheng.db'}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One real server for the run, or one clear failure; never a skip."""
    with start_postgres() as server:
        migrate(server.make_template())
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    url = postgres.borrow_database()
    yield url
    postgres.return_database(url)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind: a test that uses this runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(store_url: str, clock: FrozenClock) -> AsyncIterator[Store]:
    opened = await open_store(store_url, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str, clock: FrozenClock) -> AsyncIterator[Store]:
    opened = await open_store(sqlite_url, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """One real server for the run, or one clear failure."""
    with start_redis() as server:
        yield server


@pytest.fixture
def redis_prefix() -> str:
    """Of channels and keys that no other test uses."""
    return fresh_prefix()


@pytest.fixture(scope="session")
def redis_7(redis: Redis) -> None:
    """For what Redis 6.2 cannot do: sharded channels. Not run there, and the run says so at its end."""
    version = redis.version()
    if version < (7,):
        pytest.skip(f"not run: this Redis is {'.'.join(map(str, version))}, it needs 7: `{APT_LINE}`")


@pytest.fixture(scope="session")
def redis_cluster(redis_7: None) -> Iterator[list[OwnRedis]]:
    """A real Cluster of three."""
    with own_cluster() as members:
        yield members
