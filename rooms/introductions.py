"""Nodes that follow the same room tell each other, when asked, what is told and stored nowhere.

A node asks when it may have missed something: it has just begun to follow the room, or did not hear for a while. Each
answers for its own connections, and all for what moderators hold; every answer is for everybody who asked meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kernel.ids import RoomId
from rooms.aside_words import said_of, said_of_draft
from rooms.claims import Claims
from rooms.desk import Desk, Draft, node_of
from rooms.model import Lane

# Of one room: between two questions of a node, and between two answers.
ASK_S: Final = 5.0
ANSWER_S: Final = 1.0
# Of a node's drafts the newest are told, up to so many characters.
DRAFT_CHARS: Final = 40_000

Tell = Callable[[RoomId, Lane, dict[str, Any]], None]


class Acquaintance:
    """How far a node is acquainted with a room: `missed` something, and was `asked` by another."""

    __slots__ = ("answer_at", "ask_at", "asked", "missed")

    def __init__(self) -> None:
        self.missed = False
        self.asked = False
        self.ask_at = 0.0
        self.answer_at = 0.0


class Introductions:
    """One node's. `tell` says something to all nodes that follow a room."""

    def __init__(self, node: str, tell: Tell) -> None:
        self._node = node
        self._tell = tell

    def tick(self, now: float, room: RoomId, known: Acquaintance, desk: Desk, claims: Claims, at: int) -> None:
        """Asks and answers what is due; `at` is the wall clock's time."""
        if known.missed and now >= known.ask_at:
            known.missed, known.ask_at = False, now + ASK_S
            self._tell(room, Lane.DESK, {"k": "who"})
        if known.asked and now >= known.answer_at:
            known.asked, known.answer_at = False, now + ANSWER_S
            self._answer(room, desk, claims, at)

    def _answer(self, room: RoomId, desk: Desk, claims: Claims, at: int) -> None:
        ours = [one for one in desk.everyone() if node_of(one.conn) == self._node]
        self._tell(room, Lane.DESK, {"k": "present", "node": self._node, "x": [said_of(one) for one in ours]})
        for draft in reversed(self._newest(desk)):
            self._tell(room, Lane.DESK, said_of_draft(draft))
        if held := claims.held(at):
            self._tell(room, Lane.MOD, {"k": "held", "x": held})

    def _newest(self, desk: Desk) -> list[Draft]:
        budget, newest = DRAFT_CHARS, []
        for team in desk.teams():
            for draft in desk.drafts(team):
                if node_of(draft.conn) == self._node and len(draft.body) <= budget:
                    budget -= len(draft.body)
                    newest.append(draft)
        return newest
