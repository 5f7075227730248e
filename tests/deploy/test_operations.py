"""`docs/operations.md` speaks of things that exist: settings, commands, numbers of `/metrics`."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from kernel.refusals import CODES
from tests.test_layout import PACKAGES
from wenzheng.settings import keys

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def spoken(pattern: str) -> list[str]:
    return sorted(set(re.findall(pattern, TEXT)))


@pytest.mark.parametrize("name", spoken(r"`((?:store|bus|server|limits|times|moderation|log)\.\w+)`"))
def test_every_setting_exists(name: str) -> None:
    assert name in keys()


def test_every_command_exists() -> None:
    from wenzheng.cli import _parser

    told = spoken(r"`?wenzheng ([a-z][a-z-]+)\b(?= |`)")
    usage = _parser().format_help()
    assert told
    for name in told:
        assert re.search(rf"^    {name}\b", usage, re.MULTILINE), name


@cache
def counted() -> list[re.Pattern[str]]:
    """Every string of the sources that could name a number, with anything where a value is put in."""
    found: set[str] = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = [part.value if isinstance(part, ast.Constant) else "\0" for part in node.values]
                    found.add("".join(map(str, parts)))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    plain = {re.sub(r"[^a-z0-9_\0]", "_", name).removesuffix("_total") for name in found if len(name) < 40}
    return [re.compile(name.replace("\0", r"\w+")) for name in plain if not name.startswith("\0") and name]


@pytest.mark.parametrize("name", spoken(r"\bwenzheng_[a-z0-9_]+"))
def test_every_number_is_counted_somewhere(name: str) -> None:
    short = name.removeprefix("wenzheng_").removesuffix("_total")
    # These two are put before whatever the live room and the bus count.
    inner = re.sub("^(live|bus)_(?!healthy)", "", short)
    assert any(pattern.fullmatch(inner) for pattern in counted()), name
    if short.startswith("live_errors_"):
        assert short.removeprefix("live_errors_") in {code.name for code in CODES.values()}


@pytest.mark.parametrize("name", ["wenzheng_live_feed_rests_total", "wenzheng_sockets_closed"])
def test_a_number_nobody_counts_would_be_found(name: str) -> None:
    with pytest.raises(AssertionError):
        test_every_number_is_counted_somewhere(name)
