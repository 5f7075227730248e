"""What the simulated crowd has to say, read from `wenzheng/crowd_zh.json` and `crowd_en.json`; all of it invented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Topic:
    """A question, and what its department says to it, if it says anything, and what is asked back."""

    ask: str
    dept: str = ""
    answer: str = ""
    follow: str = ""


@dataclass(frozen=True, slots=True)
class Bank:
    """What is said in the room of that title, the demo's own: nobody wants a crowd in a room they opened themselves.

    `staff` says who answers for a department; `names` how staff are called in this language; `notes` are by rule.
    """

    language: str
    room: str
    people: tuple[str, ...]
    topics: tuple[Topic, ...]
    staff: Mapping[str, str]
    notes: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)

    def topic(self, ask: str) -> Topic | None:
        return next((topic for topic in self.topics if topic.ask == ask), None)


def load_bank(language: str) -> Bank:
    written = json.loads(resources.files("wenzheng").joinpath(f"crowd_{language}.json").read_text(encoding="utf-8"))
    return Bank(
        language=written["language"],
        room=written["room"],
        people=tuple(written["people"]),
        topics=tuple(Topic(**topic) for topic in written["questions"]),
        staff=written["staff"],
        notes=written["notes"],
        names=written.get("names", {}),
    )
