"""The front end's own tests, so that one closing line speaks for everything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
# Where dev.py puts Node when the machine has none.
PATH = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])


@pytest.mark.slow
def test_the_front_ends_own_tests_pass() -> None:
    npm = shutil.which("npm", path=PATH)
    assert npm, "there is no npm: make web"
    assert (WEB / "node_modules").is_dir(), "the front end's packages are missing: make web"
    ended = subprocess.run(
        [npm, "test", "--silent"],
        cwd=WEB,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert "# fail 0" in ended.stdout
