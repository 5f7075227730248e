"""Which built files a page asks for: read from the manifests that the front-end builds leave beside them."""

from __future__ import annotations

import contextlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

STATIC = Path(__file__).resolve().parent.parent / "static"
# The room page is a build of its own: `web/vite.room.config.ts`.
MANIFESTS = ("manifest.json", "manifest.room.json")


def asset_tags(entry: str) -> Markup:
    """The tags for one source entry, `src/room.ts` or a style sheet; nothing where nothing was built."""
    return Markup("").join(_tags(entry))


def _tags(entry: str) -> list[Markup]:
    manifest = _manifest()
    chunk = manifest.get(entry)
    if chunk is None:
        return []
    if chunk["file"].endswith(".css"):
        return [_style(chunk["file"])]
    imported = _imported(manifest, entry)
    styles = [_style(name) for part in (*imported, entry) for name in manifest[part].get("css", ())]
    preloads = [
        Markup('<link rel="modulepreload" href="/static/{}">').format(manifest[part]["file"]) for part in imported
    ]
    return [*styles, *preloads, Markup('<script type="module" src="/static/{}"></script>').format(chunk["file"])]


def _style(name: str) -> Markup:
    return Markup('<link rel="stylesheet" href="/static/{}">').format(name)


def _imported(manifest: dict[str, Any], entry: str) -> list[str]:
    found: list[str] = []
    waiting = list(manifest[entry].get("imports", ()))
    while waiting:
        part = waiting.pop(0)
        if part not in found:
            found.append(part)
            waiting.extend(manifest[part].get("imports", ()))
    return found


def _manifest() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in MANIFESTS:
        path = STATIC / name
        with contextlib.suppress(FileNotFoundError):
            found.update(_read(path, path.stat().st_mtime_ns))
    return found


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return manifest
