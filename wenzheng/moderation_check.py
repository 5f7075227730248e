"""`wenzheng moderation check`: what the phases would say of texts from standard input, one verdict a line, no store."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tomllib
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import IO, Any

from kernel.ids import UserId
from kernel.permissions import Actor, Role
from kernel.text import is_blank
from moderation.drafts import Context, Draft
from moderation.phases import standard_pipeline
from moderation.pipeline import Pipeline
from moderation.wordlist import BadTerms, WordList
from rooms.model import Policy, PostKind
from wenzheng.cli import CommandError

# One line is in memory at a time; what is longer is skipped to its end.
LINE_BYTES_MAX = 16 * 1024 * 1024
POLICY_BYTES_MAX = 64 * 1024
# Each line is somebody else's first post.
_NETIZEN = Actor(UserId("g:check"), "check", Role.NETIZEN, guest=True)
# Which rooms hold everything is their own business; it is judged only where the policy asks.
_DEFAULT = Policy(premoderate=False)


def check(asked: argparse.Namespace) -> int:
    """Judges standard input line by line; each line gets one object, at once and in order."""
    policy = _DEFAULT if asked.policy is None else read_policy(asked.policy)
    judge_lines(standard_pipeline(_words(asked.terms)), policy, sys.stdin.buffer, sys.stdout.buffer)
    return 0


def judge_lines(pipeline: Pipeline, policy: Policy, lines: IO[bytes], out: IO[bytes]) -> None:
    context = Context(policy)
    for line in _bounded(lines):
        shown = json.dumps(_answer(pipeline, context, line), ensure_ascii=False)
        # A term with half a surrogate pair cannot be listed, so that whatever is shown can be written.
        out.write(shown.encode("utf-8") + b"\n")
        out.flush()


def _answer(pipeline: Pipeline, context: Context, line: bytes | None) -> dict[str, object]:
    if line is None:
        return _unreadable(f"line longer than {LINE_BYTES_MAX} bytes")
    try:
        body = _body(line.decode("utf-8").removeprefix("\ufeff").rstrip("\r\n"))
    except UnicodeDecodeError:
        return _unreadable("not UTF-8")
    if is_blank(body):
        return _unreadable("blank")
    verdict = pipeline.judge(Draft(_NETIZEN, PostKind.QUESTION, body), context)
    return {"verdict": verdict.strength.word, "reasons": [reason.to_wire() for reason in verdict.reasons]}


def _unreadable(why: str) -> dict[str, object]:
    """What the server would not take as a post at all."""
    return {"verdict": "refuse", "reasons": [], "error": why}


def _body(line: str) -> str:
    """The text of a line: its `body` if it is such an object, else all of it."""
    if line.startswith("{"):
        try:
            read = json.loads(line)
        except (ValueError, RecursionError):
            return line
        if isinstance(read, dict) and isinstance(read.get("body"), str):
            return str(read["body"])
    return line


def _bounded(lines: IO[bytes]) -> Iterator[bytes | None]:
    """Line by line; None in place of one that is too long."""
    while line := lines.readline(LINE_BYTES_MAX + 1):
        if len(line) <= LINE_BYTES_MAX:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = lines.readline(LINE_BYTES_MAX)
        yield None


def _words(path: Path) -> WordList:
    try:
        return WordList.load(path)
    except BadTerms as fault:
        raise CommandError(f"bad terms: {fault}") from None
    except OSError as fault:
        raise CommandError(f"cannot read {path}: {fault.strerror}") from None


def read_policy(path: Path) -> Policy:
    """A room's policy from TOML or JSON, the keys at the top or under `policy`; what is not said has its default.

    Raises `CommandError`, naming the key.
    """
    values = _table(path)
    if set(values) == {"policy"} and isinstance(values["policy"], dict):
        values = values["policy"]
    known = {field.name: field for field in dataclasses.fields(Policy)}
    for key, value in values.items():
        if key not in known:
            raise CommandError(f"{path}: unknown key {key}: a policy has {', '.join(known)}")
        values[key] = _value(path, key, value, getattr(_DEFAULT, key))
    return dataclasses.replace(_DEFAULT, **values)


def _table(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()[: POLICY_BYTES_MAX + 1]
        if len(raw) > POLICY_BYTES_MAX:
            raise CommandError(f"{path}: larger than {POLICY_BYTES_MAX} bytes")
        text = raw.decode("utf-8-sig")
        read = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except OSError as fault:
        raise CommandError(f"cannot read {path}: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path}: not UTF-8") from None
    except (ValueError, RecursionError) as fault:
        raise CommandError(f"{path}: neither TOML nor JSON: {fault}") from None
    return dict(read)


def _value(path: Path, key: str, value: object, default: object) -> object:
    """Of the kind of the default; a number is not negative."""
    if isinstance(default, Enum):
        try:
            return type(default)(value)
        except ValueError:
            words = " ".join(str(each.value) for each in type(default))
            raise CommandError(f"{path}: bad value for {key}: none of {words}") from None
    if type(value) is not type(default) or (isinstance(value, int) and value < 0):
        raise CommandError(f"{path}: bad value for {key}: {type(default).__name__} expected")
    return value
