"""`wenzheng moderation words`: the lists in the store, by hand and by file, beside a running server."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from kernel.clock import SystemClock
from kernel.ids import UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from moderation.lists.keeping import VERSIONS_MAX, Change, WordLists
from moderation.lists.model import CITY, ListVersion, read_written
from moderation.wordlist import FILE_BYTES_MAX, BadTerms
from persistence.store import Store
from wenzheng.cli import CommandError

# Whoever can run commands on the store's own machine needs no account in it.
_OPERATOR = Actor(UserId("operator"), "wenzheng moderation words", Role.ADMIN)


async def listed(store: Store, asked: argparse.Namespace) -> list[str]:
    """One line a list, or a version."""
    lists = WordLists(store, SystemClock())
    if not asked.versions and asked.room is None:
        heads = await lists.heads(_OPERATOR)
        return [f"{scope} v{head.number}" for scope, head in sorted(heads.items())]
    versions, _ = await lists.versions(_OPERATOR, await _scope(store, asked), None, VERSIONS_MAX)
    return [_line(version) for version in versions]


async def imported(store: Store, asked: argparse.Namespace) -> str:
    lists, scope = WordLists(store, SystemClock()), await _scope(store, asked)
    change = _change(asked)
    standing = await lists.read(_OPERATOR, scope)
    try:
        version = await lists.publish(_OPERATOR, scope, change, standing.number, asked.reason)
    except Refusal as refusal:
        if refusal.code.name == "stale_version":
            raise CommandError("the list has just been changed by somebody else: look at it, and try again") from None
        raise
    return _line(version)


async def exported(store: Store, asked: argparse.Namespace) -> str:
    version = await WordLists(store, SystemClock()).read(_OPERATOR, await _scope(store, asked), asked.version)
    return version.terms if asked.format == "csv" else read_written(version.terms).as_text()


async def tried(store: Store, asked: argparse.Namespace) -> list[str]:
    """The counts as one JSON object, then one for each text that would be judged otherwise."""
    scope = await _scope(store, asked)
    trial = await WordLists(store, SystemClock()).try_out(_OPERATOR, scope, _change(asked), asked.n)
    told = trial.to_wire()
    told.pop("changed")
    return [json.dumps(one, ensure_ascii=False) for one in (told, *(text.to_wire() for text in trial.changed))]


async def _scope(store: Store, asked: argparse.Namespace) -> str:
    """The city, or a room that exists: a slip in an id must not read as an empty list."""
    if asked.room is None:
        return CITY
    if await store.room(asked.room) is None:
        raise CommandError(f"there is no room {asked.room!r}")
    return str(asked.room)


def _change(asked: argparse.Namespace) -> Change:
    """The files' texts; a line that cannot be used is named with its file, which no refusal could."""
    terms = _text(asked.file)
    try:
        read_written(terms)
    except BadTerms as fault:
        raise CommandError(f"{asked.file}: {fault}") from None
    return Change(terms=terms, exceptions=None if asked.exceptions is None else _text(asked.exceptions))


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise CommandError(f"cannot read {path}: {fault.strerror}") from None
    if len(raw) > FILE_BYTES_MAX:
        raise CommandError(f"{path}: larger than {FILE_BYTES_MAX} bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as failure:
        line = raw.count(b"\n", 0, failure.start) + 1
        raise CommandError(f"{path}: line {line}: not UTF-8") from None


def _line(version: ListVersion) -> str:
    at = datetime.fromtimestamp(version.at / 1000, UTC).isoformat(timespec="seconds")
    who = version.by_name or "the settings' file"
    return f"{version.scope} v{version.number} · {version.count} terms · {at} · {who} · {version.reason}"
