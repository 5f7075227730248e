"""The offline bundle: it installs without any network, and a damaged or foreign one installs nothing."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.wenzheng.conftest import install

pytestmark = pytest.mark.slow


@pytest.fixture
def unpacked(bundle: Path, tmp_path: Path) -> Path:
    """A copy to spoil, without the weight of its wheels."""
    with tarfile.open(bundle) as archive:
        light = [entry for entry in archive.getmembers() if not entry.name.endswith(".whl")]
        archive.extractall(tmp_path, members=light, filter="data")
    [folder] = [path for path in tmp_path.iterdir() if path.is_dir()]
    return folder


def test_it_holds_what_is_needed_and_a_sum_of_each(bundle: Path) -> None:
    with tarfile.open(bundle) as archive:
        names = {Path(*Path(entry.name).parts[1:]).as_posix() for entry in archive if entry.isfile()}
        assert {entry.uid for entry in archive.getmembers()} == {0}
        [sums] = [entry for entry in archive.getmembers() if entry.name.endswith("SHA256SUMS")]
        read = archive.extractfile(sums)
        assert read is not None
        told = {line.split()[1] for line in read.read().decode().splitlines()}
    assert names - {"SHA256SUMS"} == told
    assert {"install.sh", "operations.md", "config.toml", "wenzheng.service", "nginx.conf", "PLATFORM"} <= names
    assert sum(name.startswith("wheels/wenzheng-") for name in names) == 1


def test_it_installed_without_network(installed: Path) -> None:
    said = subprocess.check_output([installed / "bin" / "wenzheng", "--version"], text=True)
    assert said.startswith("wenzheng ")
    checked: list[str | Path] = [installed / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "check"]
    assert "No broken requirements" in subprocess.check_output(checked, text=True)


def test_a_damaged_one_installs_nothing(unpacked: Path, tmp_path: Path) -> None:
    refused = install(unpacked, tmp_path / "target")
    assert refused.returncode == 1
    assert "damaged" in refused.stderr
    assert not (tmp_path / "target").exists()


def test_one_for_another_machine_installs_nothing(unpacked: Path, tmp_path: Path) -> None:
    (unpacked / "PLATFORM").write_text("plan9-mips-py399\n", encoding="utf-8")
    (unpacked / "SHA256SUMS").write_text("", encoding="utf-8")
    subprocess.run("sha256sum PLATFORM > SHA256SUMS", cwd=unpacked, shell=True, check=True)
    refused = install(unpacked, tmp_path / "target")
    assert refused.returncode == 1
    assert "plan9-mips-py399" in refused.stderr
    assert not (tmp_path / "target").exists()
