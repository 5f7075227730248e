"""A store with the demo in it, seeded once and copied for each test; a bundle and what it installs, made once."""

from __future__ import annotations

import asyncio
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.clock import FrozenClock
from persistence.store import open_store
from tests.services.server import ROOT
from tests.wenzheng.bundles import repack_dependencies
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


# Nobody answers there: whoever asks an index fails.
OFFLINE = {"PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}


def install(folder: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Runs the bundle's own script, without any network."""
    return subprocess.run(
        ["sh", folder / "install.sh", target],
        env={"PATH": os.environ["PATH"], "PYTHON": sys.executable, "PIP_NO_COMPILE": "1", **OFFLINE},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("wenzheng-*.whl")
    return built


@pytest.fixture(scope="session")
def bundle(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make bundle` packs it, except that the dependencies come out of this environment."""

    def make(place: Path) -> None:
        spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
        assert spec is not None
        assert spec.loader is not None
        dev = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(dev)
        (place / "folder" / "wheels").mkdir(parents=True)
        shutil.copy(wheel, place / "folder" / "wheels")
        repack_dependencies(place / "folder" / "wheels")
        dev.pack(place / "folder", place)

    [packed] = once(tmp_path_factory, "bundle", make).glob("*.tar.gz")
    return packed


@pytest.fixture(scope="session")
def installed(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment, made by the bundle's script from nothing but the bundle."""

    def make(place: Path) -> None:
        with tarfile.open(bundle) as archive:
            archive.extractall(place, filter="data")
        [folder] = place.iterdir()
        done = install(folder, place / "target")
        assert done.returncode == 0, done.stderr

    return once(tmp_path_factory, "installed", make) / "target"


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills once for all workers of a run; whoever comes second waits, then reads."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    base = factory.getbasetemp() if alone else factory.getbasetemp().parent
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / f"{name}.done").exists():
            shutil.rmtree(base / name, ignore_errors=True)
            (base / name).mkdir()
            make(base / name)
            (base / f"{name}.done").touch()
    return base / name
