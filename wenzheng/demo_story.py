"""A room told as a list of steps, read from `wenzheng/demo_zh.json` and `demo_en.json`: one step a line there.

City, people, figures and wording of these stories are invented for this project.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from rooms.model import PostKind

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Say:
    """Somebody posts. `key` is how later steps name the post (default: "who>to"); `after` seconds pass before it.

    A netizen's post is decided `decided_after` seconds later: published, or refused under `rule` with a `note`; with
    `left` it is still waiting when the story ends.
    """

    key: str
    who: str
    kind: PostKind
    body: str
    to: str | None = None
    after: int = 45
    decided_after: int = 20
    rule: int | None = None
    note: str | None = None
    left: bool = False


@dataclass(frozen=True, slots=True)
class Correct:
    """A department's visible correction 更正 of its own words."""

    key: str
    body: str
    after: int = 45


@dataclass(frozen=True, slots=True)
class Hide:
    key: str
    reason: str
    after: int = 45


@dataclass(frozen=True, slots=True)
class Mark:
    """Pins a post, or puts it on stage 上台."""

    key: str
    stage: bool = False
    after: int = 5


@dataclass(frozen=True, slots=True)
class Votes:
    """How many of the audience are for and against."""

    key: str
    up: int
    down: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """The room opens, pauses, resumes or closes."""

    verb: str
    after: int = 45


Step = Say | Correct | Hide | Mark | Votes | Turn


@dataclass(frozen=True, slots=True)
class Story:
    """One room. `starts_ms` counts from the moment of seeding, negative for the past; it opens then, if it opens.

    `created_ms` is when it was announced. `names` are how staff are called in this room's language.
    """

    title: str
    summary: str
    departments: tuple[str, ...]
    created_ms: int
    starts_ms: int
    steps: tuple[Step, ...]
    names: Mapping[str, str] = field(default_factory=dict)


def load_stories(language: str) -> tuple[Story, ...]:
    written = resources.files("wenzheng").joinpath(f"demo_{language}.json").read_text(encoding="utf-8")
    return tuple(_story(story) for story in json.loads(written))


def _story(written: dict[str, Any]) -> Story:
    return Story(
        title=written["title"],
        summary=written["summary"],
        departments=tuple(written["departments"]),
        created_ms=written["created_minutes"] * _MINUTE_MS,
        starts_ms=written["starts_minutes"] * _MINUTE_MS,
        steps=tuple(_step(step) for step in written["steps"]),
        names=written.get("names", {}),
    )


def _step(written: dict[str, Any]) -> Step:
    """The first key says what kind of step it is, and its value what or whom it is about."""
    (what, about), *_ = written.items()
    more = {name: value for name, value in written.items() if name != what}
    if what == "say":
        more.setdefault("key", f"{more['who']}>{more.get('to', more['body'][:8])}")
        return Say(kind=PostKind(about), **more)
    if what in ("pin", "stage"):
        return Mark(about, stage=what == "stage", **more)
    if what == "turn":
        return Turn(about, **more)
    kinds: dict[str, type[Correct | Hide | Votes]] = {"correct": Correct, "hide": Hide, "votes": Votes}
    return kinds[what](about, **more)
