"""The helper between a clone and a running server: what is up to date is not done again, what is missing is named."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with a checkout of its own and everything it would run or install recorded instead."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, path in {"ROOT": "", "VENV": ".venv", "BIN": ".venv/bin", "CACHE": ".cache", "WEB": "web"}.items():
        monkeypatch.setattr(module, name, tmp_path / path)
    monkeypatch.setattr(module, "STATIC", tmp_path / "gateway" / "static")
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / lock).write_text(f"# {lock}\nstarlette==1 \\\n", encoding="utf-8")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    done: list[str] = []
    monkeypatch.setattr(module, "done", done, raising=False)
    monkeypatch.setattr(module, "install", lambda lock, what: done.append(lock))
    monkeypatch.setattr(module, "link_checkout", lambda: done.append("link"))
    monkeypatch.setattr(module, "run", lambda command, what, **_: done.append(what))
    return module


def test_an_environment_is_made_once_for_each_lock(dev: ModuleType, tmp_path: Path) -> None:
    dev.environment(dev.RUNTIME)
    dev.environment(dev.RUNTIME)
    assert dev.done == [dev.RUNTIME, "link"]
    (tmp_path / dev.RUNTIME).write_text("starlette==2 \\\n", encoding="utf-8")
    dev.environment(dev.RUNTIME)
    assert dev.done == [dev.RUNTIME, "link"] * 2


def test_the_development_environment_serves_too(dev: ModuleType) -> None:
    dev.environment(dev.DEV)
    dev.environment(dev.RUNTIME)
    assert dev.done == [dev.DEV, "link"]


def test_the_front_end_is_built_when_its_sources_change(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "node_tools", lambda: tmp_path)
    monkeypatch.setattr(dev, "node_modules", lambda tools: None)
    (tmp_path / "web" / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/room.ts"):
        (tmp_path / "web" / name).write_text("{}", encoding="utf-8")
    (tmp_path / "web" / "node_modules").mkdir()
    manifest = tmp_path / "gateway" / "static" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.touch()

    dev.front_end()
    (tmp_path / "web" / "node_modules" / "x.js").touch()
    dev.front_end()
    assert dev.done == ["front end"]
    (tmp_path / "web" / "src" / "room.ts").write_text("1", encoding="utf-8")
    dev.front_end()
    manifest.unlink()
    dev.front_end()
    assert dev.done == ["front end"] * 3


@pytest.mark.parametrize(
    ("said", "version"), [("v20.20.2", (20, 20)), ("v24.1.0\n", (24, 1)), ("nonsense", (0, 0)), ("", (0, 0))]
)
def test_node_says_its_version(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, said: str, version: tuple[int, ...]
) -> None:
    monkeypatch.setattr(dev.subprocess, "check_output", lambda *_, **__: said)
    assert dev.node_version("node") == version


def test_a_python_without_venv_is_told_what_to_install(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(dev.Stop, match=r"apt-get install python3\.\d+-venv"):
        dev.make_venv()


def test_every_make_target_is_a_command_and_help_names_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {target for line in makefile.splitlines() if line.startswith(".PHONY:") for target in line.split()[1:]}
    told = subprocess.check_output([sys.executable, ROOT / "dev.py", "help"], text=True)
    for target in targets - {"help", "env"}:
        assert f"make {target}" in told
    unknown = subprocess.run([sys.executable, ROOT / "dev.py", "dance"], capture_output=True, check=False)
    assert unknown.returncode == 2
