"""Runs every benchmark of this folder, one process each, so that none warms or burdens another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> int:
    """The number of those that failed."""
    wanted = set(sys.argv[1:])
    failed = 0
    for module in sorted(FOLDER.glob("*.py")):
        runs = "\ndef main(" in module.read_text(encoding="utf-8") and module.stem != "__main__"
        if runs and (not wanted or module.stem in wanted):
            print(f"» {module.stem}", flush=True)
            failed += subprocess.run([sys.executable, "-m", f"bench.{module.stem}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
