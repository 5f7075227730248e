"""Reads the part of YAML that `deploy/compose.yaml` keeps to, so that the tests need no library for one file.

Maps and lists by indentation, plain and double-quoted scalars, JSON lists on one line, comments on lines of their own.
Anything else is a `ValueError`.
"""

from __future__ import annotations

import json
import re
from typing import Any

Lines = list[tuple[int, str]]
_KEY = re.compile(r"([A-Za-z_][\w.-]*):(?: (.*))?$")


def load(text: str) -> Any:
    lines: Lines = []
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            lines.append((len(line) - len(line.lstrip()), line.strip()))
    held = _block(lines, 0)
    if lines:
        raise ValueError(f"not understood: {lines[0][1]}")
    return held


def _block(lines: Lines, indent: int) -> Any:
    return _list(lines, indent) if lines[0][1].startswith("- ") else _map(lines, indent)


def _list(lines: Lines, indent: int) -> list[Any]:
    held = []
    while lines and lines[0][0] == indent and lines[0][1].startswith("- "):
        text = lines.pop(0)[1].removeprefix("- ")
        key = _KEY.match(text)
        held.append({key[1]: _scalar(key[2])} if key and key[2] else _scalar(text))
    return held


def _map(lines: Lines, indent: int) -> dict[str, Any]:
    held: dict[str, Any] = {}
    while lines and lines[0][0] == indent:
        text = lines.pop(0)[1]
        key = _KEY.match(text)
        if key is None or key[1] in held:
            raise ValueError(f"not understood: {text}")
        if key[2]:
            held[key[1]] = _scalar(key[2])
        else:
            deeper = bool(lines) and lines[0][0] > indent
            held[key[1]] = _block(lines, lines[0][0]) if deeper else None
    return held


def _scalar(text: str) -> Any:
    if text[0] in '["':
        return json.loads(text)
    if text[0] in "'{&*!|>%@`":
        raise ValueError(f"not understood: {text}")
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() else text
