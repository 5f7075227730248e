"""A real Chromium for the browser tests, from wherever this machine can get one; never a silent skip.

The chain: `WENZHENG_TEST_CHROMIUM` → PATH → apt-get, as root → npm `@sparticuz/chromium` → one clear failure.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
FONT = "fonts-wqy-microhei"
APT_LINE = f"apt-get install -y --no-install-recommends chromium {FONT}"
# Pinned: a browser of another week must not decide whether a test passes.
NPM_PACKAGE = "@sparticuz/chromium@153.0.0"

ARGUMENTS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The unpacked one has no helper processes to start.
UNPACKED_ARGUMENTS = ("--single-process", "--no-zygote")


class NoChromium(RuntimeError):
    """The whole chain failed; the message says what would help."""


@functools.cache
def find_chromium() -> Path:
    """The path of an executable that starts."""
    if given := os.environ.get("WENZHENG_TEST_CHROMIUM"):
        if not os.access(given, os.X_OK):
            raise NoChromium(f"WENZHENG_TEST_CHROMIUM names {given}, which is not an executable")
        return Path(given)
    CACHE.mkdir(parents=True, exist_ok=True)
    # Workers of one test run must not install it twice at once.
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _on_path() or _from_apt() or _from_npm()
        if found is not None and _has_root():
            _chinese_font()
    if found is None:
        raise NoChromium(
            f"the browser tests need Chromium: run `{APT_LINE}` as root, or set WENZHENG_TEST_CHROMIUM to an executable"
        )
    return found


def launch_arguments(chromium: Path) -> list[str]:
    """Chromium's own sandbox refuses root and most containers; the pages under test are ours alone."""
    unpacked = UNPACKED_ARGUMENTS if CACHE in chromium.parents else ()
    sandbox = ("--no-sandbox",) if _has_root() or unpacked or os.environ.get("CI") else ()
    return [*ARGUMENTS, *sandbox, *unpacked]


def _on_path() -> Path | None:
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def _from_apt() -> Path | None:
    if not _has_root() or shutil.which("apt-get") is None:
        return None
    _quietly(["apt-get", "update"])
    _quietly(APT_LINE.split())
    return _on_path()


def _chinese_font() -> None:
    """Without one every Chinese character is a box; nobody's text could be seen to be there."""
    if shutil.which("fc-list") is None or shutil.which("apt-get") is None:
        return
    if not subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip():
        _quietly(["apt-get", "update"])
        _quietly(["apt-get", "install", "-y", "--no-install-recommends", FONT])


def _from_npm() -> Path | None:
    """It carries a compressed Chromium and needs Node 22.17 and libnss3 to be of use."""
    # The one that dev.py may have put beside Python is newer than many a system's.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        return None
    unpacked = CACHE / "executable"
    if not unpacked.exists():
        _quietly([npm, "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), NPM_PACKAGE])
        script = "import('@sparticuz/chromium').then(async m => console.log(await m.default.executablePath()))"
        asked = subprocess.run([node, "-e", script], cwd=CACHE, capture_output=True, text=True, check=False)
        where = Path(asked.stdout.strip() or "/nonexistent")
        if not where.is_file():
            return None
        shutil.copy2(where, unpacked)
    started = subprocess.run([str(unpacked), "--version"], capture_output=True, check=False)
    return unpacked if started.returncode == 0 else None


def _has_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _quietly(command: list[str]) -> None:
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    try:
        find_chromium()
    except NoChromium as missing:
        sys.exit(str(missing))
