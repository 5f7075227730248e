"""The first hour is told with the words on the screen: each 「quoted」 one stands in the catalogue, or in the demo."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_button_is_named_as_on_the_screen() -> None:
    told = (ROOT / "docs" / "first-hour.md").read_text(encoding="utf-8")
    catalogue = json.loads((ROOT / "gateway" / "locales" / "zh-CN.json").read_text(encoding="utf-8"))
    named = re.findall(r"「([^」]+)」", told)
    assert named
    assert sorted(set(named) - {text for text in catalogue.values() if isinstance(text, str)}) == []


def test_both_readmes_lead_there() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        assert "docs/first-hour.md" in (ROOT / name).read_text(encoding="utf-8")
