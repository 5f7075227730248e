"""The wheel, as the offline bundle installs it: nothing missing, nothing too much, and a demo runs from it."""

from __future__ import annotations

import json
import os
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.services.server import ROOT, free_port

pytestmark = pytest.mark.slow

PACKAGES = {"kernel", "accounts", "rooms", "moderation", "persistence", "gateway", "wenzheng"}


@pytest.fixture
def served(installed: Path, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [installed / "bin" / "wenzheng", "serve", "--demo", "--port", str(port)],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "WENZHENG_DATA_DIR": str(tmp_path)},
            stdout=log,
            stderr=log,
        )
        base, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 40
        try:
            while not ready(base):
                assert process.poll() is None, (tmp_path / "log").read_text(encoding="utf-8")
                assert time.monotonic() < deadline, (tmp_path / "log").read_text(encoding="utf-8")
                time.sleep(0.1)  # polling a foreign process: nothing of ours would tell
            yield base
        finally:
            process.terminate()
            assert process.wait(30) == 0


def ready(base: str) -> bool:
    try:
        return httpx2.get(base + "/readyz", trust_env=False, verify=False).status_code == 200
    except httpx2.HTTPError:
        return False


def test_it_holds_what_it_should_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES
    assert "wenzheng/config.toml" in names
    assert "gateway/locales/zh-CN.json" in names
    assert "wenzheng/conformance/vectors.json" in names
    assert any(name.startswith("gateway/templates/") for name in names)
    assert any(name.startswith("persistence/migrations/versions/") for name in names)
    assert any(name.startswith("gateway/static/") for name in names), "the front end is not built: make web"
    assert not any("__pycache__" in name or name.endswith(".ts") for name in names)


def test_its_annotated_settings_are_the_repositorys(wheel: Path) -> None:
    assert zipfile.ZipFile(wheel).read("wenzheng/config.toml") == (ROOT / "config.toml").read_bytes()


def test_no_other_distribution_brings_a_package_of_these_names(installed: Path) -> None:
    asked = "import importlib.metadata as m, json; print(json.dumps(m.packages_distributions()))"
    told = subprocess.check_output([installed / "bin" / "python", "-c", asked], text=True, cwd=installed)
    owners = json.loads(told)
    assert {name: owners[name] for name in PACKAGES} == {name: ["wenzheng"] for name in PACKAGES}


def test_a_demo_runs_from_it(served: str) -> None:
    with httpx2.Client(base_url=served, trust_env=False, verify=False) as client:
        rooms = client.get("/api/v1/rooms", params={"state": "live"}).json()["items"]
        assert rooms
        for page in ("/", f"/rooms/{rooms[0]['id']}", "/signin", "/api/v1/openapi.json"):
            assert client.get(page).status_code == 200, page
