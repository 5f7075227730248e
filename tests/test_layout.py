"""The shape of the repository: what every file, document and lock must hold to, checked on what is tracked."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

from kernel.refusals import CODES
from wenzheng import __version__

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("kernel", "accounts", "rooms", "moderation", "persistence", "gateway", "wenzheng")
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock", "requirements-build.lock")
MAX_LINES = 400
# Addresses of software registries; a checkout must work behind any mirror.
ADDRESSES = re.compile(
    r"registry\.npm|pypi\.org|pythonhosted|npmmirror|tsinghua|aliyun|artifactory|nexus\.", re.IGNORECASE
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home/\w+|Users/\w+|root|work)/")
# This file holds the patterns themselves.
EXEMPT = {Path("tests/test_layout.py")}


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the repository; in an unpacked archive, what its sources are."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
        return tuple(name for name in names if (ROOT / name).is_file())
    return tuple(found.relative_to(ROOT) for package in PACKAGES for found in (ROOT / package).rglob("*.py"))


def sources() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def texts() -> list[tuple[Path, str]]:
    kept = []
    for path in tracked():
        if path not in EXEMPT:
            try:
                kept.append((path, (ROOT / path).read_text(encoding="utf-8")))
            except UnicodeDecodeError:
                continue
    return kept


def settings() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_in_the_wheel_and_under_the_contracts(package: str) -> None:
    tools = settings()["tool"]
    assert isinstance(tools, dict)
    assert package in tools["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert package in tools["importlinter"]["root_packages"]
    assert package in tools["mypy"]["packages"]
    layers = next(contract for contract in tools["importlinter"]["contracts"] if contract["type"] == "layers")
    assert package in re.findall(r"\w+", " ".join(layers["layers"]))


def test_there_is_no_package_outside_the_plan() -> None:
    holding = {path.parts[0] for path in sources() if len(path.parts) > 1}
    assert holding <= {*PACKAGES, "tests", "bench"}


def test_one_version() -> None:
    project = settings()["project"]
    assert isinstance(project, dict)
    assert project["version"] == __version__


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: str(code.name))
def test_the_protocol_lists_every_code(code: object) -> None:
    name, status = getattr(code, "name", ""), getattr(code, "status", 0)
    protocol = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{name}` \| {status} \|", protocol, re.MULTILINE), f"docs/protocol.md lacks {name} {status}"


def test_the_protocol_splits_codes_as_the_kernel_does() -> None:
    protocol = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    temporary = protocol.split("Temporary: trying again can help.")[1].split("Final:")[0]
    told = set(re.findall(r"^\| `(\w+)` \|", temporary, re.MULTILINE))
    assert told == {code.name for code in CODES.values() if code.temporary}


def test_the_protocol_lists_every_command_and_route() -> None:
    from gateway.routes import ENDPOINTS
    from gateway.wire import COMMANDS

    protocol = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"`{command}`" in protocol, command
    for endpoint in ENDPOINTS:
        last = endpoint.path.rsplit("/", 1)[-1]
        assert last.startswith("{") or last in protocol, endpoint.path


def test_no_file_is_longer_than_a_reader_likes() -> None:
    long = [path for path in sources() if len((ROOT / path).read_text(encoding="utf-8").splitlines()) > MAX_LINES]
    assert long == []


def test_every_module_opens_the_same_way() -> None:
    for path in sources():
        if "migrations" in path.parts:
            continue
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{path} does not say what it is"
        if len(tree.body) > 1:
            first = tree.body[1]
            assert isinstance(first, ast.ImportFrom), f"{path}: annotations"
            assert first.module == "__future__", f"{path}: annotations"


def test_nothing_names_a_registry_or_a_machine() -> None:
    for path, text in texts():
        if path.name == "package-lock.json":
            # Funding links are people's own pages; `resolved` would be a registry.
            assert '"resolved"' not in text, path
            continue
        assert not ADDRESSES.search(text), f"{path}: {ADDRESSES.search(text)}"
        assert not MACHINE_PATHS.search(text), f"{path}: {MACHINE_PATHS.search(text)}"


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_have_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "@ " not in text
    pinned = [line for line in text.splitlines() if line[:1].isalnum()]
    assert pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)


def test_the_development_lock_holds_the_runtime_lock() -> None:
    def pins(lock: str) -> set[str]:
        lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if line[:1].isalnum()}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")
    assert pins("requirements-build.lock") <= pins("requirements-dev.lock")


def test_every_dependency_is_locked() -> None:
    project = settings()["project"]
    assert isinstance(project, dict)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for wanted in project["dependencies"]:
        name = re.split(r"[<>=\[;]", wanted)[0].strip()
        assert re.search(rf"^{re.escape(name)}(\[.*\])?==", lock, re.MULTILINE | re.IGNORECASE), name


def test_documents_link_to_what_is_there() -> None:
    for path, text in texts():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\((?!\w+:)([^)#]+)(?:#[^)]*)?\)", text):
            assert (ROOT / path.parent / target).exists(), f"{path} links to {target}"
