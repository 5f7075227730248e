"""The Dockerfile as far as it can be tried without an engine: its sources exist, its stages agree, nobody is root."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.test_layout import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
STEPS = [
    line
    for line in re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE)).splitlines()
    if line.strip()
]


def copied(stage: str | None = None) -> list[list[str]]:
    """The words of each COPY: sources, then the target."""
    found = [shlex.split(step)[1:] for step in STEPS if step.startswith("COPY ")]
    return [
        [word for word in words if not word.startswith("--from")]
        for words in found
        if (f"--from={stage}" in words if stage else not any(word.startswith("--from") for word in words))
    ]


def last_stage() -> list[str]:
    last = max(place for place, step in enumerate(STEPS) if step.startswith("FROM "))
    return STEPS[last:]


def test_every_source_is_there_and_reaches_the_build() -> None:
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    for *sources, _ in copied():
        for source in sources:
            assert (ROOT / source).exists(), source
            assert any(source == one or source.startswith(f"{one}/") for one in let_in), source


def test_nothing_the_wheel_needs_is_missing() -> None:
    sources = {source for *found, _ in copied() for source in found}
    assert set(PACKAGES) | {"pyproject.toml", "README.md", "LICENSE", "config.toml"} <= sources


def test_what_must_stay_outside_does() -> None:
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "*"
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    for private in ("data", "deploy/secrets", ".git", ".venv", "tests"):
        assert not any(fnmatch(private, one) for one in let_in), private


def test_stages_that_are_named_exist() -> None:
    stages = re.findall(r"^FROM \S+ AS (\w+)$", TEXT, re.MULTILINE)
    assert set(re.findall(r"--from=(\w+)", TEXT)) == set(stages)
    assert copied("build") == [["/opt/wenzheng", "/opt/wenzheng"]]


def test_images_have_plain_names_and_packages_are_checked_by_hash() -> None:
    for image in re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE):
        assert "/" not in image
    installs = re.findall(r"pip install (\S+ \S+)", TEXT)
    assert installs
    assert all("--require-hashes" in words or words == "--no-deps --no-index" for words in installs)


def test_it_runs_as_nobody_in_particular() -> None:
    users = [step for step in last_stage() if step.startswith("USER ")]
    assert users == ["USER 10001:10001"]
    commands = [step for step in last_stage() if step.startswith(("RUN ", "COPY "))]
    assert last_stage().index(users[0]) > max(last_stage().index(step) for step in commands)


def test_its_health_is_asked_of_a_route_that_exists() -> None:
    from gateway.routes import ENDPOINTS

    [check] = [step for step in STEPS if "CMD [" in step and step.startswith("HEALTHCHECK")]
    command = json.loads(check.partition("CMD ")[2])
    [path] = re.findall(r"127\.0\.0\.1:8000(/\w+)", command[-1])
    assert path in {endpoint.path for endpoint in ENDPOINTS}
    compile(command[-1], "healthcheck", "exec")


@pytest.mark.parametrize("script", ["new-secrets.sh", "install.sh"])
def test_scripts_are_posix(script: str) -> None:
    subprocess.run(["sh", "-n", ROOT / "deploy" / script], check=True)
