"""A list tried on texts that were said, before it is anybody's rule: what would be judged otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kernel.ids import RoomId, UserId
from kernel.permissions import Actor, Role
from moderation.drafts import Context, Draft
from moderation.lists.layers import Layers
from moderation.lists.live import Found
from moderation.lists.ports import RecentText
from moderation.phases.wordlist import WordListPhase
from moderation.verdicts import ADMITTED, Verdict
from rooms.model import PostKind, Reason

SHOWN_MAX: Final = 50
_SOMEBODY = Actor(UserId("nobody"), "", Role.NETIZEN, guest=True)


@dataclass(frozen=True, slots=True)
class Changed:
    """One text that would be judged otherwise; the words are those of verdicts: admit, hold, refuse."""

    text: RecentText
    before: str
    after: str
    reasons: tuple[Reason, ...]

    def to_wire(self) -> dict[str, object]:
        return {
            "post": self.text.post,
            "room": self.text.room,
            "body": self.text.body,
            "at": self.text.at,
            "before": self.before,
            "after": self.after,
            "reasons": [reason.to_wire() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """Counts over all `tried` texts; `changed` holds the newest of those judged otherwise."""

    tried: int
    held: int
    refused: int
    let_through: int
    changed: tuple[Changed, ...]

    def to_wire(self) -> dict[str, object]:
        counts = {name: getattr(self, name) for name in ("tried", "held", "refused", "let_through")}
        return {**counts, "changed": [one.to_wire() for one in self.changed]}


class _Tried:
    def __init__(self, layers: Layers) -> None:
        self._layers = layers

    def find(self, room: RoomId | None, body: str) -> list[Found]:
        return [Found(hit, 0, city=True) for hit in self._layers.find(body)]


def try_list(texts: Sequence[RecentText], standing: Layers, wanted: Layers) -> Trial:
    """By the lists alone: what other phases say of a text stays the same."""
    before, after = WordListPhase(_Tried(standing)), WordListPhase(_Tried(wanted))
    changed: list[Changed] = []
    counts: Counter[str] = Counter()
    for text in texts:
        was, would_be = _judged(before, text), _judged(after, text)
        if was.strength is would_be.strength:
            continue
        counts[would_be.strength.word] += 1
        if len(changed) < SHOWN_MAX:
            changed.append(Changed(text, was.strength.word, would_be.strength.word, would_be.reasons or was.reasons))
    return Trial(len(texts), counts["hold"], counts["refuse"], counts["admit"], tuple(changed))


def _judged(phase: WordListPhase, text: RecentText) -> Verdict:
    draft = Draft(_SOMEBODY, PostKind(text.kind), text.body)
    return phase(draft, Context(policy=text.policy)) or ADMITTED
