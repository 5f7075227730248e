"""The front end's own unit tests, run by Node, as part of the one test run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "web"


def test_the_browser_side_passes_its_own_tests() -> None:
    # Node is the system's, or the wheel's beside this Python.
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    npm = shutil.which("npm", path=path)
    assert npm is not None, "the front end needs Node 20.19 or newer: run `make web`"
    assert (WEB / "node_modules").is_dir(), "the front end's packages are not there: run `make web`"
    done = subprocess.run(
        [npm, "test", "--silent"],
        cwd=WEB,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert "# fail 0" in done.stdout
