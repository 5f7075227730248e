"""How much a member of staff loads before the first screen stands: read from what was built, compressed."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from gateway.pages.assets import STATIC

FIRST_LOAD = 260 * 1024
ENTRY = "src/console/console.ts"
STYLES = "src/styles/console.css"
SCREENS = (
    "src/console/desk/DeskHome.vue",
    "src/console/desk/DeskRoute.vue",
    "src/console/create/CreateRoute.vue",
    "src/console/moderation/ReviewRoute.vue",
)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    path = STATIC / "manifest.json"
    assert path.exists(), "the front end is not built: run `make web`"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def with_imports(manifest: dict[str, Any], *entries: str) -> set[str]:
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            waiting.extend(manifest[part].get("imports", ()))
    return found


def compressed(manifest: dict[str, Any], parts: set[str]) -> int:
    files = {name for part in parts for name in (manifest[part]["file"], *manifest[part].get("css", ()))}
    return sum(len(gzip.compress((STATIC / name).read_bytes())) for name in files)


@pytest.mark.parametrize("screen", SCREENS)
def test_the_first_load_of_each_screen_is_small(manifest: dict[str, Any], screen: str) -> None:
    words = [name for name in manifest[ENTRY]["dynamicImports"] if "zh-" in name]
    assert len(words) == 2, words
    assert compressed(manifest, with_imports(manifest, ENTRY, STYLES, screen, *words)) <= FIRST_LOAD


def test_no_role_loads_the_screens_of_another(manifest: dict[str, Any]) -> None:
    first = with_imports(manifest, ENTRY)
    assert not first & set(SCREENS)
    assert set(SCREENS) <= set(manifest[ENTRY]["dynamicImports"])
