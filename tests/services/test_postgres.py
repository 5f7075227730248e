"""The chain that brings the tests a PostgreSQL: each way works alone, and without any the failure is clear."""

from __future__ import annotations

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.services import postgres_binaries
from tests.services.postgres import own_server
from tests.services.postgres_binaries import VARIABLE, WHEEL, NoPostgres, find_binaries, reachable, run_as


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(postgres_binaries, "DEBIAN", Path("/nowhere"))


def test_the_wheel_alone_is_enough(nothing_installed: None) -> None:
    assert WHEEL in str(find_binaries())
    with own_server() as server:
        server.postgres.run("SELECT 1")


def test_without_any_the_failure_says_what_helps(nothing_installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_binaries, "find_spec", lambda name: None)
    with pytest.raises(NoPostgres, match=VARIABLE):
        find_binaries()


def test_binaries_in_a_closed_folder_are_copied_to_an_open_one() -> None:
    spec = find_spec(WHEEL)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    package = Path(spec.submodule_search_locations[0])
    with tempfile.TemporaryDirectory() as closed, tempfile.TemporaryDirectory() as opened:
        home = Path(closed)  # temporary folders are private to their owner
        shutil.copytree(package / "pginstall18", home / WHEEL / "pginstall18", symlinks=True)
        shutil.copytree(package.with_name(f"{WHEEL}.libs"), home / f"{WHEEL}.libs", symlinks=True)
        binaries = home / WHEEL / "pginstall18" / "bin"
        found = reachable(binaries, Path(opened), run_as())
        assert found == (Path(opened) / WHEEL / "pginstall18" / "bin" if run_as() else binaries)
